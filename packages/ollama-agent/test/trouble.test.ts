import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { methods } from "@agentclientprotocol/sdk";
import { answerWith, freePort } from "@pilotlight/testkit";
import { expect, test } from "vitest";
import { newHome, newSession, ollama, resume, shown, startAgent } from "./start-ollama-agent.ts";

test("without Ollama a session opens, its prompt says how to start it, and the next one finds it", async () => {
  const port = await freePort();
  const agent = await startAgent({ server: { url: `http://127.0.0.1:${port}` } });
  const sessionId = await newSession(agent);
  await expect(agent.prompt(sessionId, "hello")).rejects.toMatchObject({
    code: -32603,
    message: expect.stringMatching(
      /cannot be reached at http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*"ollama serve"/,
    ),
    data: { errorKind: "unreachable" },
  });
  const server = await ollama({ port });
  expect(await agent.prompt(sessionId, "are you back?")).toMatchObject({ stopReason: "end_turn" });
  expect(shown(server).at(-1)).toBe("user: are you back?");
});

test("a server that takes connections and says nothing does not hold up a session", async () => {
  const deaf = createServer(() => undefined);
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
  const { port } = deaf.address() as AddressInfo;
  const env = { OLLAMA_HOST: `127.0.0.1:${port}`, OLLAMA_MODEL: "tiny" };
  const agent = await startAgent({ env });
  const opened = await agent.agent.request(methods.agent.session.new, { cwd: "/", mcpServers: [] });
  expect(opened).toMatchObject({ configOptions: [{ currentValue: "tiny" }] });
  const turn = agent.prompt(opened.sessionId, "hello");
  await agent.cancel(opened.sessionId);
  expect(await turn).toEqual({ stopReason: "cancelled" });
  deaf.close();
});

test.each([
  ["http://me:secret@", "http://"],
  ["ftp://me:secret@here", "ftp://here"],
])("%s is no address; it is named without its password", async (given, named) => {
  const agent = await startAgent({ env: { OLLAMA_HOST: given } });
  await expect(agent.prompt(await newSession(agent), "hello")).rejects.toMatchObject({
    message: `OLLAMA_HOST is no address: ${named}`,
    data: { errorKind: "unreachable" },
  });
});

test("a model that is not there is named with the command that gets it", async () => {
  const server = await ollama();
  const agent = await startAgent({ server, env: { OLLAMA_MODEL: "gone:1b" } });
  const sessionId = await newSession(agent);
  await expect(agent.prompt(sessionId, "hello")).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('"ollama pull gone:1b"'),
    data: { errorKind: "model_missing" },
  });
  server.install("gone:1b");
  expect(await agent.prompt(sessionId, "now?")).toMatchObject({ stopReason: "end_turn" });
});

test("without any model that chats it says how to get one, and stays with the first that comes", async () => {
  const server = await ollama({ models: ["nomic-embed-text:latest"] });
  const agent = await startAgent({ server });
  const { sessionId, configOptions } = await agent.agent.request(methods.agent.session.new, {
    cwd: "/",
    mcpServers: [],
  });
  expect(configOptions).toEqual([]);
  await expect(agent.prompt(sessionId, "hello")).rejects.toMatchObject({
    message: expect.stringContaining("ollama pull"),
  });
  server.install("nomic-embed-text:latest", "tiny:latest");
  await agent.prompt(sessionId, "now?");
  server.install("newer:latest", "tiny:latest");
  await agent.prompt(sessionId, "and now?");
  expect(server.chats.map(({ model }) => model)).toEqual(["tiny:latest", "tiny:latest"]);
});

test("the model is an option that lists what Ollama has, and refuses what it has not", async () => {
  const server = await ollama({ models: ["tiny:latest", "big:7b"] });
  const agent = await startAgent({ server, env: { OLLAMA_MODEL: "tiny" } });
  const { sessionId, configOptions } = await agent.agent.request(methods.agent.session.new, {
    cwd: "/",
    mcpServers: [],
  });
  expect(configOptions).toMatchObject([
    {
      id: "model",
      currentValue: "tiny:latest",
      options: [{ value: "tiny:latest" }, { value: "big:7b" }],
    },
  ]);
  const set = (configId: string, value: string) =>
    agent.agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value });
  expect(await set("model", "big:7b")).toMatchObject({
    configOptions: [{ currentValue: "big:7b" }],
  });
  await expect(set("model", "gone")).rejects.toMatchObject({
    message: expect.stringContaining('"ollama pull gone"'),
  });
  await expect(set("effort", "high")).rejects.toMatchObject({ code: -32602 });
  await agent.prompt(sessionId, "hello");
  expect(server.chats.at(-1)?.model).toBe("big:7b");
});

test.each(["drop", "stop-short"] as const)(
  "an answer that breaks off (%s) is an error, and what came of it is remembered",
  async (end) => {
    const server = await ollama();
    const home = newHome();
    server.respondWith(() => ({ kind: "answer", pieces: ["up to ", "here"], end }));
    const agent = await startAgent({ server, home });
    const sessionId = await newSession(agent);
    await expect(agent.prompt(sessionId, "tell me")).rejects.toMatchObject({
      code: -32603,
      message: expect.stringContaining("Ollama did not finish its answer"),
      data: { errorKind: "dropped" },
    });
    expect(agent.takeText()).toBe("up to here");
    await agent.end();
    server.respondWith(() => answerWith("and on"));
    const second = await startAgent({ server, home });
    await resume(second, sessionId);
    await second.prompt(sessionId, "go on");
    expect(shown(server)).toEqual(["user: tell me", "assistant: up to here", "user: go on"]);
  },
);

test("what Ollama itself says went wrong is said on, before and in the middle of an answer", async () => {
  const server = await ollama();
  const agent = await startAgent({ server });
  const sessionId = await newSession(agent);
  server.respondWith(() => ({ kind: "refusal", status: 500, error: "out of memory" }));
  await expect(agent.prompt(sessionId, "hello")).rejects.toMatchObject({
    message: "Ollama answered 500: out of memory",
  });
  server.respondWith(() => ({ kind: "failure", pieces: ["a"], error: "runner died" }));
  await expect(agent.prompt(sessionId, "hello?")).rejects.toMatchObject({
    message: "Ollama did not finish its answer: runner died",
  });
});

test("a page of something else is told as an error, and nothing of it gets on stdout", async () => {
  const proxy = createHttpServer((_request, response) => {
    response.writeHead(502, { "content-type": "text/plain" }).end("bad gateway");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const agent = await startAgent({ env: { OLLAMA_HOST: `:${port}`, OLLAMA_MODEL: "tiny" } });
  await expect(agent.prompt(await newSession(agent), "hello")).rejects.toMatchObject({
    message: "Ollama answered 502: bad gateway",
  });
  // The library prints about such an answer.
  await expect.poll(agent.stderr).toContain("text from response");
  proxy.close();
});

test("an answer that was cut at the model's limit says so", async () => {
  const server = await ollama();
  server.respondWith(() => ({ kind: "answer", pieces: ["and so"], end: "length" }));
  const agent = await startAgent({ server });
  expect(await agent.prompt(await newSession(agent), "hello")).toMatchObject({
    stopReason: "max_tokens",
  });
});

test("a prompt that does not fit the context is refused and not remembered", async () => {
  const server = await ollama();
  const agent = await startAgent({ server, env: { PILOTLIGHT_OLLAMA_CONTEXT: "1024" } });
  const sessionId = await newSession(agent);
  await expect(agent.prompt(sessionId, "x".repeat(3000))).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining("PILOTLIGHT_OLLAMA_CONTEXT"),
  });
  await agent.prompt(sessionId, "short");
  expect(shown(server)).toEqual(["user: short"]);
});

test("a model that never stops is stopped, and does not fill the memory", async () => {
  const server = await ollama();
  const piece = "x".repeat(65_536);
  const pieces = Array.from({ length: 100 }, () => piece);
  server.respondWith(() => ({ kind: "answer", pieces, end: "hang" }));
  const agent = await startAgent({ server });
  expect(await agent.prompt(await newSession(agent), "hello")).toEqual({
    stopReason: "max_tokens",
  });
  await expect.poll(() => server.abandoned).toBe(1);
});

test("an answer without an end of line is not collected for ever", async () => {
  const server = await ollama();
  server.respondWith(() => answerWith("y".repeat(5_000_000)));
  const agent = await startAgent({ server });
  await expect(agent.prompt(await newSession(agent), "hello")).rejects.toMatchObject({
    message: expect.stringContaining("over 4 MiB"),
  });
});
