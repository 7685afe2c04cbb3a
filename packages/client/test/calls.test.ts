import { afterEach, expect, it } from "vitest";
import { createClient } from "../src/create-client.ts";
import {
  frame,
  json,
  problem,
  type ScriptedServer,
  startScriptedServer,
  stream,
} from "./scripted-server.ts";

let server: ScriptedServer;
afterEach(() => server.close());

const client = () => createClient({ url: server.url, apiKey: "plk_test" });

const PROMPT = {
  id: "p_1",
  channel: "ops",
  state: "completed",
  seq: 1,
  prompt: "x",
  surface: "api",
  acceptedAt: 1,
  attempts: [],
  timings: {},
};

it("names the parameters of a list as the API does, and leaves out what is not asked for", async () => {
  server = await startScriptedServer(json(200, { items: [PROMPT], nextCursor: "5" }));
  const page = await client().listPrompts({ channel: "a:b", state: "failed", limit: 7 });
  expect(page).toMatchObject({ items: [{ id: "p_1" }], nextCursor: "5" });
  await client().listPrompts();
  expect(server.seen.map((request) => request.url)).toEqual([
    "/v1/prompts?channel=a%3Ab&state=failed&limit=7",
    "/v1/prompts",
  ]);
});

it("throws the server's problem with its code, status and details", async () => {
  server = await startScriptedServer(problem(429, "queue_full", { limit: 3, actual: 3 }));
  await expect(client().enqueue("ops", { prompt: "x" })).rejects.toMatchObject({
    name: "ApiError",
    status: 429,
    code: "queue_full",
    retryable: true,
    message: "because [queue_full]",
    problem: { limit: 3, actual: 3 },
  });
});

it.each([
  ["an error of something in between", json(502, "<html>Bad Gateway</html>"), 502],
  ["an answer that is no JSON", json(200, "hello"), 0],
  ["an answer of another shape", json(200, { id: 7 }), 200],
])("does not take %s for an answer", async (_, answer, status) => {
  server = await startScriptedServer(answer);
  await expect(client().getPrompt("p_1")).rejects.toMatchObject({ name: "ApiError", status });
});

it("follows no redirect, which would take the key elsewhere", async () => {
  server = await startScriptedServer((response) =>
    response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(),
  );
  await expect(client().listWorkers()).rejects.toMatchObject({ code: "unreachable" });
  expect(server.seen).toHaveLength(1);
});

it("waits for a prompt's end and gives its record", async () => {
  server = await startScriptedServer(
    stream([frame(1, "accepted"), frame(2, "completed")], "end"),
    json(200, PROMPT),
  );
  expect(await client().waitForPrompt("p_1", 10_000)).toMatchObject({ state: "completed" });
  expect(server.seen.map((request) => request.url)).toEqual([
    "/v1/prompts/p_1/events",
    "/v1/prompts/p_1",
  ]);
});

it("says so when a prompt is not finished in time", async () => {
  server = await startScriptedServer(stream([frame(1, "accepted")], "stay"));
  await expect(client().waitForPrompt("p_1", 100)).rejects.toMatchObject({ code: "timeout" });
});

it("leaves an abort by the caller what it is", async () => {
  server = await startScriptedServer(() => undefined);
  const abort = new AbortController();
  const calling = client().listWorkers({ signal: abort.signal });
  abort.abort();
  await expect(calling).rejects.toMatchObject({ name: "AbortError" });
});
