import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { methods } from "@agentclientprotocol/sdk";
import { answerWith } from "@pilotlight/testkit";
import { expect, test } from "vitest";
import { newHome, newSession, ollama, resume, shown, startAgent } from "./start-ollama-agent.ts";

const fileOf = (home: string, sessionId: string) => join(home, "sessions", `${sessionId}.jsonl`);

test("an answer is streamed in order, thinking apart from it, with the model's own counts", async () => {
  const server = await ollama();
  server.respondWith(() => answerWith({ thinking: "Hm. " }, { thinking: "Yes." }, "one ", "two"));
  const agent = await startAgent({ server });
  const response = await agent.prompt(await newSession(agent), "count, please");
  expect(response).toEqual({
    stopReason: "end_turn",
    usage: { inputTokens: 2, outputTokens: 2, totalTokens: 4 },
  });
  expect(agent.updates).toEqual([
    { sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "Hm. " } },
    { sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "Yes." } },
    { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "one " } },
    { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "two" } },
    { sessionUpdate: "usage_update", used: 4, size: 8192 },
  ]);
  expect(server.chats).toMatchObject([{ model: "tiny:latest", options: { num_ctx: 8192 } }]);
});

test("it remembers, and thoughts are not shown to the model again", async () => {
  const server = await ollama();
  server.respondWith(() => answerWith({ thinking: "secret" }, "hello ", "you"));
  const agent = await startAgent({ server });
  const sessionId = await newSession(agent, { systemPrompt: "Be brief." });
  await agent.prompt(sessionId, "good morning");
  await agent.prompt(sessionId, "and now?");
  expect(shown(server)).toEqual([
    "system: Be brief.",
    "user: good morning",
    "assistant: hello you",
    "user: and now?",
  ]);
});

test("another process resumes a conversation with its system prompt and model, without a replay", async () => {
  const server = await ollama({ models: ["tiny:latest", "big:7b"] });
  const home = newHome();
  const first = await startAgent({ server, home });
  const sessionId = await newSession(first, { systemPrompt: "Be brief." });
  await first.prompt(sessionId, "remember\u2028me");
  await first.agent.request(methods.agent.session.setConfigOption, {
    sessionId,
    configId: "model",
    value: "big:7b",
  });
  expect(await first.end()).toBe(0);

  const second = await startAgent({ server, home });
  expect(await resume(second, sessionId)).toMatchObject({
    configOptions: [{ id: "model", currentValue: "big:7b" }],
  });
  expect(second.updates).toEqual([]);
  await second.prompt(sessionId, "who?");
  expect(shown(server).slice(0, 2)).toEqual(["system: Be brief.", "user: remember\u2028me"]);
  expect(shown(server)).toHaveLength(4);
  expect(server.chats.at(-1)?.model).toBe("big:7b");
  expect(statSync(fileOf(home, sessionId)).mode & 0o777).toBe(0o600);
});

test("loading a conversation replays it; a torn last line spoils neither what was before nor what comes", async () => {
  const server = await ollama();
  server.respondWith(() => answerWith("fi", "ne"));
  const home = newHome();
  const first = await startAgent({ server, home });
  const sessionId = await newSession(first);
  await first.prompt(sessionId, "how are you?");
  await first.end();
  appendFileSync(fileOf(home, sessionId), '{"role":"user","te');

  const second = await startAgent({ server, home });
  const load = { sessionId, cwd: "/", mcpServers: [] };
  await second.agent.request(methods.agent.session.load, load);
  expect(second.updates.map(({ sessionUpdate }) => sessionUpdate)).toEqual([
    "user_message_chunk",
    "agent_message_chunk",
  ]);
  expect(second.takeText()).toBe("how are you?fine");
  await second.prompt(sessionId, "still there?");
  await second.end();

  const third = await startAgent({ server, home });
  await third.agent.request(methods.agent.session.load, load);
  expect(third.takeText()).toBe("how are you?finestill there?fine");
});

test("what a killed process had heard and said is there when another one resumes", async () => {
  const server = await ollama();
  server.respondWith(() => ({ kind: "answer", pieces: ["begun ", "to"], end: "hang" }));
  const home = newHome();
  const first = await startAgent({ server, home });
  const sessionId = await newSession(first);
  const turn = first.prompt(sessionId, "go on for long").catch(() => undefined);
  await first.untilSaid("begun to");
  first.child.kill("SIGKILL");
  await turn;

  server.respondWith(() => answerWith("here"));
  const second = await startAgent({ server, home });
  await resume(second, sessionId);
  await second.prompt(sessionId, "where were we?");
  expect(shown(server)).toEqual([
    "user: go on for long",
    "assistant: begun to",
    "user: where were we?",
  ]);
});

test("a cancel ends the request, keeps what was said, and the conversation goes on", async () => {
  const server = await ollama();
  server.respondWith(() => ({ kind: "answer", pieces: ["half ", "an answer"], end: "hang" }));
  const agent = await startAgent({ server });
  const sessionId = await newSession(agent);
  const turn = agent.prompt(sessionId, "tell me");
  await agent.untilSaid("half an answer");
  await expect(agent.prompt(sessionId, "me too")).rejects.toMatchObject({ code: -32600 });
  await agent.cancel(sessionId);
  expect(await turn).toEqual({ stopReason: "cancelled" });
  await expect.poll(() => server.abandoned).toBe(1);

  server.respondWith(() => answerWith("right"));
  expect(await agent.prompt(sessionId, "shorter")).toMatchObject({ stopReason: "end_turn" });
  expect(shown(server)).toEqual(["user: tell me", "assistant: half an answer", "user: shorter"]);
});

test("a cancel also ends a request that has no answer yet", async () => {
  const server = await ollama();
  server.respondWith(() => ({ kind: "silence" }));
  const agent = await startAgent({ server });
  const sessionId = await newSession(agent);
  const turn = agent.prompt(sessionId, "hello");
  await expect.poll(() => server.chats.length).toBe(1);
  await agent.cancel(sessionId);
  expect(await turn).toEqual({ stopReason: "cancelled" });
  await expect.poll(() => server.abandoned).toBe(1);
});

test("sessions that are unknown, never prompted or of an evil name cannot be opened again", async () => {
  const server = await ollama();
  const home = newHome();
  const first = await startAgent({ server, home });
  const unprompted = await newSession(first);
  await first.end();
  writeFileSync(join(home, "outside.jsonl"), '{"sessionId":"../outside","cwd":"/"}\n');
  mkdirSync(join(home, "sessions"));
  const agent = await startAgent({ server, home });
  const unknown = "ollama-00000000-0000-4000-8000-000000000000";
  for (const sessionId of [unprompted, unknown, "../outside"]) {
    await expect(resume(agent, sessionId)).rejects.toMatchObject({ code: -32002 });
    await expect(
      agent.agent.request(methods.agent.session.load, { sessionId, cwd: "/", mcpServers: [] }),
    ).rejects.toMatchObject({ code: -32002 });
    await expect(agent.prompt(sessionId, "hello")).rejects.toMatchObject({ code: -32002 });
  }
});

test("a closed session takes no prompt, and its running turn ends as cancelled", async () => {
  const server = await ollama();
  server.respondWith(() => ({ kind: "answer", pieces: ["so"], end: "hang" }));
  const agent = await startAgent({ server });
  const sessionId = await newSession(agent);
  const turn = agent.prompt(sessionId, "hello");
  await agent.untilSaid("so");
  await agent.agent.request(methods.agent.session.close, { sessionId });
  expect(await turn).toEqual({ stopReason: "cancelled" });
  await expect(agent.prompt(sessionId, "still?")).rejects.toMatchObject({ code: -32002 });
});

test("stored conversations are listed by directory, the last one first", async () => {
  const server = await ollama();
  const agent = await startAgent({ server });
  const one = await newSession(agent, { cwd: "/srv" });
  await agent.prompt(one, "a title");
  await agent.prompt(await newSession(agent, { cwd: "/tmp" }), "elsewhere");
  const list = (cwd?: string) =>
    agent.agent.request(methods.agent.session.list, cwd === undefined ? {} : { cwd });
  expect((await list("/srv")).sessions).toMatchObject([
    { sessionId: one, cwd: "/srv", title: "a title" },
  ]);
  expect((await list()).sessions).toHaveLength(2);
});

test("the oldest of a long conversation is left out of the request, and stays on disk", async () => {
  const server = await ollama();
  server.respondWith(() => answerWith("noted"));
  const home = newHome();
  const agent = await startAgent({ server, home, env: { PILOTLIGHT_OLLAMA_CONTEXT: "1024" } });
  const sessionId = await newSession(agent, { systemPrompt: "Be brief." });
  for (let index = 0; index < 6; index += 1) {
    await agent.prompt(sessionId, `${index} ${"x".repeat(600)}`);
  }
  const [system, first, ...rest] = shown(server);
  expect(system).toBe("system: Be brief.");
  expect(first).toMatch(/^user: [1-5] x/);
  expect(rest.at(-1)).toMatch(/^user: 5 x/);
  expect(server.chats.at(-1)?.options).toEqual({ num_ctx: 1024 });
  expect(readFileSync(fileOf(home, sessionId), "utf8")).toContain('"0 xxx');
});

test.each(["SIGTERM", "stdin"])("%s ends it at once in the middle of a turn", async (how) => {
  const server = await ollama();
  server.respondWith(() => ({ kind: "answer", pieces: ["a", "b"], end: "hang" }));
  const home = newHome();
  const agent = await startAgent({ server, home });
  const sessionId = await newSession(agent);
  const turn = agent.prompt(sessionId, "hello").catch(() => undefined);
  await agent.untilSaid("ab");
  if (how === "SIGTERM") {
    agent.child.kill("SIGTERM");
  }
  expect(await agent.end()).toBe(0);
  await turn;
  expect(readFileSync(fileOf(home, sessionId), "utf8")).toContain(
    '{"role":"assistant","text":"b"}',
  );
});
