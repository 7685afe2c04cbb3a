import { afterEach, expect, it } from "vitest";
import { ApiError } from "../src/api-error.ts";
import { createClient } from "../src/create-client.ts";
import type { StreamedEvent } from "../src/streamed-event.ts";
import {
  frame,
  problem,
  type ScriptedServer,
  startScriptedServer,
  stream,
} from "./scripted-server.ts";

let server: ScriptedServer;
afterEach(() => server.close());

const client = () => createClient({ url: server.url, apiKey: "plk_test" });
const SOON = "retry: 1\n\n";

async function collect(events: AsyncIterable<StreamedEvent>): Promise<StreamedEvent[]> {
  const all: StreamedEvent[] = [];
  for await (const event of events) {
    all.push(event);
  }
  return all;
}

const numbers = (events: readonly StreamedEvent[]) => events.map((event) => event.data.n);

it("goes on after the last event it saw when a connection breaks", async () => {
  server = await startScriptedServer(
    stream([SOON, frame(1, "accepted"), frame(2, "started")], "break"),
    stream([SOON, frame(3, "update")], "end"),
    stream([frame(4, "completed"), frame(5, "accepted")], "stay"),
  );
  const events = await collect(client().streamPrompt("p_1"));
  expect(numbers(events)).toEqual([1, 2, 3, 4]);
  expect(server.seen.map((request) => request.headers["last-event-id"])).toEqual([
    undefined,
    "2-0",
    "3-0",
  ]);
  expect(server.seen[0]).toMatchObject({ method: "GET", url: "/v1/prompts/p_1/events" });
  expect(server.seen[0]?.headers.authorization).toBe("Bearer plk_test");
});

it("hands a prompt in once, however often the stream of its turn breaks", async () => {
  server = await startScriptedServer(
    stream([SOON, frame(1, "accepted")], "break", { location: "/v1/prompts/p_1" }),
    stream([SOON, frame(2, "started")], "break"),
    stream([frame(3, "completed")], "end"),
  );
  const events = await collect(client().runPrompt("a:b", { prompt: "hello", idempotencyKey: "k" }));
  expect(numbers(events)).toEqual([1, 2, 3]);
  expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "POST /v1/channels/a%3Ab/prompts",
    "GET /v1/prompts/p_1/events",
    "GET /v1/prompts/p_1/events",
  ]);
  expect(server.seen[0]?.body).toBe('{"prompt":"hello"}');
  expect(server.seen[0]?.headers).toMatchObject({
    accept: "text/event-stream",
    "idempotency-key": "k",
  });
});

it("keeps its place over an event that has no id", async () => {
  server = await startScriptedServer(
    stream([SOON, frame(7, "update"), 'event: gap\ndata: {"n":0}\n\n'], "break"),
    stream([frame(9, "failed")], "end"),
  );
  const events = await collect(client().streamPrompt("p_1"));
  expect(numbers(events)).toEqual([7, 0, 9]);
  expect(events[1]?.id).toBeUndefined();
  expect(server.seen[1]?.headers["last-event-id"]).toBe("7-0");
});

it("comes back to the place where it began to listen although it heard nothing", async () => {
  server = await startScriptedServer(
    stream([`:\nid: 5-0\n\n${SOON}`], "break"),
    stream([frame(6, "completed")], "end"),
  );
  expect(numbers(await collect(client().streamPrompt("p_1")))).toEqual([6]);
  expect(server.seen[1]?.headers["last-event-id"]).toBe("5-0");
});

it("reads events that arrive in pieces, also in the middle of a character", async () => {
  const bytes = Buffer.from(frame(1, "update", { text: "🔥é" }) + frame(2, "completed"));
  server = await startScriptedServer(
    stream(
      Array.from(bytes, (byte) => Buffer.from([byte])),
      "end",
    ),
  );
  const events = await collect(client().streamPrompt("p_1"));
  expect(events[0]?.data.text).toBe("🔥é");
  expect(events).toHaveLength(2);
});

it("passes over comments and events of a later version", async () => {
  server = await startScriptedServer(
    stream([":\n\n", frame(1, "celebrated"), frame(2, "completed")], "end"),
  );
  expect(numbers(await collect(client().streamPrompt("p_1")))).toEqual([2]);
});

it("ends without events where the server says that there is nothing left to tell", async () => {
  server = await startScriptedServer((response) => response.writeHead(204).end());
  expect(await collect(client().streamPrompt("p_1", { after: "9-0" }))).toEqual([]);
  expect(server.seen[0]?.headers["last-event-id"]).toBe("9-0");
});

it("follows a channel past the ends of its turns, until its signal aborts", async () => {
  server = await startScriptedServer(
    stream([frame(1, "completed"), frame(2, "accepted"), frame(3, "completed")], "stay"),
  );
  const abort = new AbortController();
  const events: StreamedEvent[] = [];
  for await (const event of client().streamChannel("ops", { signal: abort.signal })) {
    events.push(event);
    if (events.length === 3) {
      abort.abort();
    }
  }
  expect(numbers(events)).toEqual([1, 2, 3]);
});

it("comes back after a refusal that will pass, and gives up on one that will not", async () => {
  server = await startScriptedServer(
    stream([SOON, frame(1, "accepted")], "break"),
    problem(503, "store_unavailable"),
    stream([SOON, frame(2, "started")], "break"),
    problem(401, "unauthenticated"),
  );
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const event of client().streamPrompt("p_1")) {
      seen.push(event.data.n);
    }
  })();
  await expect(reading).rejects.toMatchObject({ status: 401, code: "unauthenticated" });
  expect(seen).toEqual([1, 2]);
});

it("says at once that the server refuses or cannot be reached where it never answered", async () => {
  server = await startScriptedServer(problem(503, "draining", { retryAfter: 60 }));
  await expect(collect(client().streamPrompt("p_1"))).rejects.toMatchObject({
    status: 503,
    code: "draining",
    retryable: true,
  });
  const gone = await startScriptedServer(problem(500, "x"));
  await gone.close();
  const nobody = createClient({ url: gone.url, apiKey: "x" });
  const failure = await collect(nobody.streamPrompt("p_1")).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({ status: 0, code: "unreachable" });
  expect((failure as Error).message).toContain("ECONNREFUSED");
});
