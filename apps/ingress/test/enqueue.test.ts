import type { Prompt } from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ActingWorker, actAsWorker } from "./support/act-as-worker.ts";
import { collectEvents, piecesOf, typesOf } from "./support/collect-events.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
let worker: ActingWorker | undefined;
beforeAll(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url, {
    limits: { queue_per_channel: 3, queue_total: 40, sse_total: 3 },
  });
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});
afterAll(async () => {
  await ingress.service.stop();
  await redis.stop();
});

const promptsOf = (channel: string) => `/v1/channels/${channel}/prompts`;
const list = async (channel: string) =>
  ((await (await ingress.fetch(`/v1/prompts?channel=${channel}`)).json()) as { items: Prompt[] })
    .items;

describe("a prompt that is handed in", () => {
  it("is answered with its id, place and links, which lead to its record", async () => {
    const response = await ingress.post(promptsOf("first"), {
      prompt: "hello",
      surface: "slack",
      metadata: { thread: "1", nested: { a: [1, null] } },
    });
    expect(response.status).toBe(202);
    const accepted = (await response.json()) as Record<string, unknown>;
    expect(accepted).toEqual({
      id: expect.stringMatching(/^p_/),
      channel: "first",
      state: "accepted",
      seq: expect.any(Number),
      position: 1,
      links: {
        self: `/v1/prompts/${accepted.id}`,
        events: `/v1/prompts/${accepted.id}/events`,
      },
    });
    expect(response.headers.get("location")).toBe(`/v1/prompts/${accepted.id}`);
    expect(await (await ingress.fetch(`/v1/prompts/${accepted.id}`)).json()).toMatchObject({
      id: accepted.id,
      state: "accepted",
      prompt: "hello",
      surface: "slack",
      metadata: { thread: "1", nested: { a: [1, null] } },
    });
  });

  it("says how it meets a running turn, or has the mode of its channel", async () => {
    await ingress.fetch("/v1/channels/moded", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ mode: "collect" }),
    });
    for (const body of [{ prompt: "a", mode: "steer" }, { prompt: "b" }]) {
      expect((await ingress.post(promptsOf("moded"), body)).status).toBe(202);
    }
    expect((await list("moded")).map(({ mode }) => mode)).toEqual(["collect", "steer"]);
    const refused = await ingress.post(promptsOf("moded"), { prompt: "c", mode: "shout" });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ errors: [{ pointer: "/mode" }] });
  });

  it("is refused with depth and limit where its channel is full, and others go on", async () => {
    for (const position of [1, 2, 3]) {
      const response = await ingress.post(promptsOf("full"), { prompt: "x" });
      expect(await response.json()).toMatchObject({ position });
    }
    const refused = await ingress.post(promptsOf("full"), { prompt: "x" });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: "queue_full", limit: 3, actual: 3 });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await ingress.post(promptsOf("not-full"), { prompt: "x" })).status).toBe(202);
    expect(await list("full")).toHaveLength(3);
  });

  it("is refused where too many wait altogether", async () => {
    let last = await ingress.post(promptsOf("many-0"), { prompt: "x" });
    for (let i = 1; last.status === 202 && i < 50; i += 1) {
      last = await ingress.post(promptsOf(`many-${i}`), { prompt: "x" });
    }
    expect(last.status).toBe(503);
    expect(await last.json()).toMatchObject({ code: "overloaded", limit: 40, actual: 40 });
    worker = await actAsWorker(redis.url);
    await waitUntil("room is made", async () => {
      return (await ingress.post(promptsOf("many-again"), { prompt: "x" })).status === 202;
    });
  });
});

describe("an Idempotency-Key", () => {
  const withKey = (channel: string, prompt: string, key = "key-1") =>
    ingress.post(promptsOf(channel), { prompt }, { "idempotency-key": key });

  it("makes one prompt of a hundred parallel requests, all answered alike", async () => {
    const responses = await Promise.all(Array.from({ length: 100 }, () => withKey("once", "x")));
    const bodies = await Promise.all(responses.map((response) => response.json()));
    expect(new Set(responses.map((response) => response.status))).toEqual(new Set([202]));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    const replayed = responses.filter((one) => one.headers.get("idempotency-replayed") === "true");
    expect(replayed).toHaveLength(99);
    expect(await list("once")).toHaveLength(1);
  });

  it("is answered as at first after the turn is over, and with its result to who waits", async () => {
    worker = await actAsWorker(redis.url);
    const first = await withKey("replay", "x");
    const body = (await first.json()) as { id: string };
    await waitUntil(
      "the turn is over",
      async () => (await list("replay"))[0]?.state === "completed",
    );
    const second = await withKey("replay", "x");
    expect(second.status).toBe(202);
    expect(await second.json()).toEqual(body);
    const waited = await ingress.post(
      promptsOf("replay"),
      { prompt: "x" },
      { "idempotency-key": "key-1", prefer: "wait=10" },
    );
    expect(waited.status).toBe(200);
    expect(waited.headers.get("idempotency-replayed")).toBe("true");
    expect(await waited.json()).toMatchObject({ id: body.id, text: "echo: x" });
    expect(await list("replay")).toHaveLength(1);
  });

  it("streams the whole turn to who repeats it, also when it is over", async () => {
    worker = await actAsWorker(redis.url);
    const stream = () =>
      ingress.post(
        promptsOf("replay-stream"),
        { prompt: "x" },
        { "idempotency-key": "k", accept: "text/event-stream" },
      );
    const first = await collectEvents(await stream());
    const response = await stream();
    expect(response.headers.get("idempotency-replayed")).toBe("true");
    const second = await collectEvents(response);
    expect(second.map((event) => event.id)).toEqual(first.map((event) => event.id));
    expect(piecesOf(second)).toEqual(["echo: x"]);
  });

  it("is refused with another body, and free on another channel", async () => {
    await withKey("reuse", "x");
    const refused = await withKey("reuse", "y");
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ code: "idempotency_key_reused" });
    expect(await list("reuse")).toHaveLength(1);
    expect((await withKey("reuse-elsewhere", "y")).status).toBe(202);
  });
});

describe("who prefers to wait", () => {
  it("gets the finished prompt", async () => {
    worker = await actAsWorker(redis.url);
    const response = await ingress.post(promptsOf("wait"), { prompt: "x" }, { prefer: "wait=20" });
    expect(response.status).toBe(200);
    expect(response.headers.get("preference-applied")).toBe("wait=20");
    expect(await response.json()).toMatchObject({
      state: "completed",
      stopReason: "end_turn",
      text: "echo: x",
      session: { opened: "warm" },
      attempts: [{ outcome: "completed" }],
    });
  });

  it("gets a failed prompt with its reason", async () => {
    worker = await actAsWorker(redis.url, async () => {
      throw new Error("no luck");
    });
    const response = await ingress.post(promptsOf("luck"), { prompt: "x" }, { prefer: "wait=20" });
    expect(await response.json()).toMatchObject({ state: "failed", error: { message: "no luck" } });
  });

  it("is told that it was accepted when time is up", async () => {
    const response = await ingress.post(promptsOf("late"), { prompt: "x" }, { prefer: "wait=1" });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ state: "accepted", position: 1 });
  });
});

describe("who asks for a stream", () => {
  const stream = (channel: string, prompt = "x") =>
    ingress.post(promptsOf(channel), { prompt }, { accept: "text/event-stream" });

  it("gets its own turn from acceptance to end, whatever else the channel does", async () => {
    const go = Promise.withResolvers<void>();
    worker = await actAsWorker(redis.url, async (turn) => {
      await go.promise;
      await turn.say(`${turn.prompt} 1`);
      await turn.say(`${turn.prompt} 2`);
    });
    const responses = await Promise.all(["a", "b", "c"].map((one) => stream("shared", one)));
    go.resolve();
    const turns = await Promise.all(responses.map((response) => collectEvents(response)));
    for (const [index, events] of turns.entries()) {
      const name = "abc"[index];
      expect(typesOf(events)).toEqual(["accepted", "started", "update", "update", "completed"]);
      expect(piecesOf(events)).toEqual([`${name} 1`, `${name} 2`]);
      expect(new Set(events.map((event) => event.data.promptId)).size).toBe(1);
      expect(responses[index]?.headers.get("location")).toContain(events[0]?.data.promptId);
    }
  });

  it("gets pieces as they are said, not when the turn ends", async () => {
    const heard = Promise.withResolvers<void>();
    worker = await actAsWorker(redis.url, async (turn) => {
      await turn.say("first");
      await heard.promise;
      await turn.say("second");
    });
    const events = await collectEvents(await stream("live"), (event) => {
      if (event.type === "update") {
        heard.resolve();
      }
      return event.type === "completed";
    });
    expect(piecesOf(events)).toEqual(["first", "second"]);
  });

  it("is told why as problem details where the prompt is refused", async () => {
    for (let i = 0; i < 3; i += 1) {
      await ingress.post(promptsOf("stream-full"), { prompt: "x" });
    }
    const refused = await stream("stream-full");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await refused.json()).toMatchObject({ code: "queue_full" });
  });

  it("is refused past the limit of streams, and served again when one ends", async () => {
    const open = await Promise.all(["s1", "s2", "s3"].map((channel) => stream(channel)));
    const refused = await stream("s4");
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: "too_many_streams", limit: 3 });
    expect(await list("s4")).toHaveLength(0);
    // Waiting is a preference: without room for it the prompt is accepted all the same.
    const waiter = await ingress.post(promptsOf("s5"), { prompt: "x" }, { prefer: "wait=60" });
    expect(waiter.status).toBe(202);
    await Promise.all(open.map((response) => response.body?.cancel()));
    await waitUntil("there is room again", async () => (await stream("s4")).status === 200);
  });
});
