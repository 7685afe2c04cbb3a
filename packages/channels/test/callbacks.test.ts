import type { PromptMode } from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClaimCallbacksInput, ClaimedCallback } from "../src/callbacks/callback-outbox.ts";
import { keys } from "../src/keys.ts";
import type { DispatchInput, OwnedChannel } from "../src/ownership/owned-channel.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { runPrompt, settlement } from "./run-prompt.ts";

let server: EmbeddedRedis;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

let channels: TestChannels;
beforeEach(async () => {
  channels = await openTestChannels(server.url);
  await channels.redis.flushall();
});
afterEach(() => channels.close());

const ENDPOINT = "https://hooks.example.com";
const DAY_MS = 86_400_000;
let claims = 0;

/** Takes what is due; a claim lasts long enough for any test unless it says otherwise. */
async function claim(change: Partial<ClaimCallbacksInput> = {}) {
  claims += 1;
  return await channels.client.callbacks.claim({
    name: `claim-${claims}`,
    most: 100,
    mostOfEndpoint: 4,
    places: new Map(),
    claimMs: 60_000,
    giveUpMs: DAY_MS,
    ...change,
  });
}

async function claimOne(): Promise<ClaimedCallback> {
  const { claimed } = await claim();
  expect(claimed).toHaveLength(1);
  return claimed[0] as ClaimedCallback;
}

const enqueue = (channel: string, id: string, endpoint = ENDPOINT, mode?: PromptMode) =>
  channels.client.enqueue({
    ...(mode === undefined ? {} : { mode }),
    id,
    channel,
    prompt: "hello",
    surface: "api",
    bodyHash: id,
    callback: { url: `${endpoint}/hook?token=t`, endpoint },
  });

async function own(): Promise<OwnedChannel> {
  const [owned] = await channels.claim(await channels.worker("w1"));
  if (owned === undefined) {
    throw new Error("nothing was claimed");
  }
  return owned;
}

/** A prompt that runs; what its agent asks is in `question`. */
async function running(id = "p_1"): Promise<OwnedChannel> {
  await enqueue("ops", id);
  const owned = await own();
  await owned.fetch();
  await owned.dispatch(dispatchOf(owned, id));
  return owned;
}

const dispatchOf = (owned: OwnedChannel, promptId: string): DispatchInput => ({
  promptId,
  session: { id: "s1", opened: "warm", agent: "demo" },
  guarded: true,
  live: { state: "busy", fence: Number(owned.fence), agent: "demo" },
});

const question = (number: number, promptId = "p_1") =>
  ({ type: "permission", promptId, data: JSON.stringify({ promptId, number }) }) as const;

const countsOf = async (id: string) => (await channels.client.getPrompt(id))?.callbacks;

describe("a prompt with a callback URL", () => {
  it("has its questions and its end sent, in order, one at a time; nothing else", async () => {
    const owned = await running();
    await owned.appendEvents([
      { type: "update", promptId: "p_1", data: "{}" },
      question(1),
      { type: "plan", promptId: "p_1", data: '{"entries":[]}' },
      { type: "waiting", promptId: "p_1", data: '{"promptId":"p_1","waitingFor":"quota"}' },
      question(2),
    ]);
    await owned.settle(settlement("p_1"));
    const seen: object[] = [];
    for (let number = 1; number <= 3; number += 1) {
      const one = await claimOne();
      expect((await claim()).claimed).toEqual([]);
      expect(one).toMatchObject({ promptId: "p_1", number, channel: "ops", endpoint: ENDPOINT });
      expect(one.url).toBe(`${ENDPOINT}/hook?token=t`);
      expect(await channels.client.callbacks.finish(one, { at: "delivered" })).toBe("ok");
      seen.push([one.type, one.data.number]);
    }
    expect(seen).toEqual([
      ["permission", 1],
      ["permission", 2],
      ["completed", undefined],
    ]);
    expect(await claim()).toEqual({ claimed: [] });
    expect(await countsOf("p_1")).toEqual({ delivered: 3, pending: 0, failed: 0 });
    expect((await channels.keys()).filter((key) => key.includes(":cb"))).toEqual([]);
  });

  it("is told of a decision that it waits for, and of its end by a person's word", async () => {
    const owned = await running();
    await owned.recover({ promptId: "p_1", fence: owned.fence, action: "ask", reason: "it died" });
    // The answer was lost and the call made again.
    await owned.recover({ promptId: "p_1", fence: owned.fence, action: "ask", reason: "it died" });
    await channels.client.decide("p_1", "abandon", "key");
    const first = await claimOne();
    expect(first).toMatchObject({ type: "waiting", data: { waitingFor: "decision" } });
    await channels.client.callbacks.finish(first, { at: "delivered" });
    expect(await claimOne()).toMatchObject({ type: "interrupted", number: 2 });
  });

  it("is told that it was cancelled before it began", async () => {
    await enqueue("ops", "p_1");
    await channels.client.cancel("p_1");
    await channels.client.cancel("p_1");
    expect(await claimOne()).toMatchObject({ type: "cancelled", number: 1 });
    expect(await countsOf("p_1")).toMatchObject({ pending: 1 });
  });

  it("is told what a turn waits for that it is part of, and has an end of its own", async () => {
    await channels.client.setChannel("ops", { collectSecs: 0.1 });
    await enqueue("ops", "p_1", ENDPOINT, "collect");
    await enqueue("ops", "p_2", ENDPOINT, "collect");
    const owned = await own();
    await owned.fetch();
    const settingsVersion = (await owned.readChannel())?.version ?? "";
    await waitUntil("both are collected", async () => {
      const outcome = await owned.dispatch({ ...dispatchOf(owned, "p_1"), settingsVersion });
      return outcome.at === "dispatched";
    });
    await owned.appendEvents([question(1)]);
    await owned.settle(settlement("p_1"));
    const seen: string[] = [];
    for (let round = 1; round <= 2; round += 1) {
      const { claimed } = await claim();
      for (const one of claimed) {
        seen.push(`${one.promptId} ${one.number} ${one.type}`);
        await channels.client.callbacks.finish(one, { at: "delivered" });
      }
    }
    expect(seen.sort()).toEqual([
      "p_1 1 permission",
      "p_1 2 completed",
      "p_2 1 permission",
      "p_2 2 completed",
    ]);
  });

  it("has nothing sent by an owner that lost its lease", async () => {
    const owned = await running();
    await channels.redis.del(keys.worker("w1"));
    await expect(owned.appendEvents([question(1)])).rejects.toThrow("no longer ours");
    await expect(owned.settle(settlement("p_1"))).rejects.toThrow("no longer ours");
    expect((await claim()).claimed).toEqual([]);
    expect(await countsOf("p_1")).toEqual({ delivered: 0, pending: 0, failed: 0 });
  });

  it("does not show its URL, and shows how it went to nobody who gave none", async () => {
    await enqueue("ops", "p_1");
    await channels.enqueue("other", "p_2");
    expect(JSON.stringify(await channels.client.getPrompt("p_1"))).not.toContain("hooks");
    expect(await countsOf("p_2")).toBeUndefined();
  });
});

describe("a callback", () => {
  it("that nobody finished is taken again when its claim has run out, and the first taker is refused", async () => {
    await enqueue("ops", "p_1");
    await channels.client.cancel("p_1");
    const [first] = (await claim({ claimMs: 1 })).claimed;
    const second = await waitUntil("its claim has run out", async () => (await claim()).claimed[0]);
    expect(second).toMatchObject({ promptId: "p_1", number: 1, failures: 0 });
    const { callbacks } = channels.client;
    expect(await callbacks.finish(first as ClaimedCallback, { at: "delivered" })).toBe("lost");
    expect(await callbacks.finish(second, { at: "delivered" })).toBe("ok");
    expect(await callbacks.finish(second, { at: "delivered" })).toBe("lost");
    expect(await countsOf("p_1")).toMatchObject({ delivered: 1, pending: 0 });
  });

  it("is not taken by two at once", async () => {
    for (let i = 0; i < 20; i += 1) {
      await enqueue(`ops-${i}`, `p_${i}`);
      await channels.client.cancel(`p_${i}`);
    }
    const both = await Promise.all([claim({ mostOfEndpoint: 15 }), claim({ mostOfEndpoint: 15 })]);
    const taken = both.flatMap(({ claimed }) => claimed.map(({ promptId }) => promptId));
    expect(new Set(taken).size).toBe(20);
    expect(taken).toHaveLength(20);
  });

  it("that failed waits, tells for how long, and keeps what comes after it back", async () => {
    const owned = await running();
    await owned.appendEvents([question(1), question(2)]);
    const failure = { code: "refused", status: 503, at: 5 };
    await channels.client.callbacks.finish(await claimOne(), {
      at: "again",
      failure,
      inMs: 60_000,
    });
    const { claimed, nextInMs } = await claim();
    expect(claimed).toEqual([]);
    expect(nextInMs).toBeGreaterThan(50_000);
    expect(nextInMs).toBeLessThanOrEqual(60_000);
    expect(await countsOf("p_1")).toEqual({
      delivered: 0,
      pending: 2,
      failed: 0,
      lastError: failure,
    });
  });

  it("counts its failures from its own first try", async () => {
    const owned = await running();
    await owned.appendEvents([question(1), question(2)]);
    const failure = { code: "unreachable", at: 5 };
    const { callbacks } = channels.client;
    await callbacks.finish(await claimOne(), { at: "again", failure, inMs: 0 });
    const again = await claimOne();
    expect(again).toMatchObject({ number: 1, failures: 1 });
    await callbacks.finish(again, { at: "released" });
    const released = await claimOne();
    expect(released).toMatchObject({ number: 1, failures: 1 });
    await callbacks.finish(released, { at: "failed", failure });
    expect(await claimOne()).toMatchObject({ number: 2, failures: 0 });
    expect(await countsOf("p_1")).toMatchObject({ failed: 1, pending: 1 });
  });

  it("that its endpoint calls the last one ends what its prompt has, and will have", async () => {
    const owned = await running();
    await owned.appendEvents([question(1), question(2)]);
    const failure = { code: "gone", status: 410, at: 5 };
    await channels.client.callbacks.finish(await claimOne(), { at: "ended", failure });
    await owned.settle(settlement("p_1"));
    expect((await claim()).claimed).toEqual([]);
    expect(await countsOf("p_1")).toEqual({
      delivered: 0,
      pending: 0,
      failed: 3,
      lastError: failure,
    });
  });

  it("is given up when it was tried for long enough, and the next one has its own time", async () => {
    const owned = await running();
    await owned.appendEvents([question(1)]);
    await claimOne();
    await channels.redis.zadd(keys.callbackOrder, Date.now() - DAY_MS - 1, "p_1 1");
    await owned.settle(settlement("p_1"));
    expect(await claimOne()).toMatchObject({ number: 2, type: "completed" });
    expect(await countsOf("p_1")).toMatchObject({
      failed: 1,
      pending: 1,
      lastError: { code: "expired" },
    });
  });

  it("that expired with nobody there to send it is counted as failed", async () => {
    await enqueue("ops", "p_1");
    await channels.client.cancel("p_1");
    await channels.redis.del(keys.callbacks("p_1"));
    await channels.redis.zadd(keys.callbackOrder, 1, "p_1 1");
    expect(await claim()).toEqual({ claimed: [] });
    expect(await countsOf("p_1")).toMatchObject({ failed: 1, pending: 0 });
    expect((await channels.keys()).filter((key) => key.includes(":cb"))).toEqual([]);
  });

  it("that cannot be read is out of the way of the next one", async () => {
    const owned = await running();
    await owned.appendEvents([question(1), question(2)]);
    await channels.redis.hset(keys.callbacks("p_1"), "1", "{");
    expect((await claim()).claimed).toEqual([]);
    expect(await claimOne()).toMatchObject({ number: 2 });
    expect(await countsOf("p_1")).toMatchObject({ failed: 1, lastError: { code: "unreadable" } });
  });

  it("outlives its prompt's record", async () => {
    await enqueue("ops", "p_1");
    await channels.client.cancel("p_1");
    await channels.redis.del(keys.prompt("p_1"));
    await channels.client.callbacks.finish(await claimOne(), { at: "delivered" });
    expect(await channels.keys()).not.toContain(keys.prompt("p_1"));
    expect((await claim()).claimed).toEqual([]);
  });
});

describe("the outbox", () => {
  it("does not let an endpoint with much to send delay another one", async () => {
    for (let i = 0; i < 10; i += 1) {
      await enqueue(`dead-${i}`, `p_d${i}`, "https://dead.example.com");
      await channels.client.cancel(`p_d${i}`);
    }
    await enqueue("ops", "p_1");
    await channels.client.cancel("p_1");
    const { claimed } = await claim({ mostOfEndpoint: 3 });
    expect(claimed.map(({ endpoint }) => endpoint)).toEqual([
      ...Array<string>(3).fill("https://dead.example.com"),
      ENDPOINT,
    ]);
    const places = new Map([["https://dead.example.com", 0]]);
    expect((await claim({ places })).claimed).toEqual([]);
    expect(
      (await claim({ places: new Map([["https://dead.example.com", 1]]) })).claimed,
    ).toHaveLength(1);
  });

  it("keeps so many of one prompt, tells the rest as failed, and has room for its end", async () => {
    const owned = await running();
    await owned.appendEvents(Array.from({ length: 101 }, (_, i) => question(i)));
    expect(await countsOf("p_1")).toMatchObject({
      pending: 100,
      failed: 1,
      lastError: { code: "outbox_full" },
    });
    await owned.settle(settlement("p_1"));
    expect(await countsOf("p_1")).toMatchObject({ pending: 101, failed: 1 });
  });

  it("is bounded altogether", async () => {
    const full = Array.from({ length: 10_000 }, (_, i) => [String(Date.now()), `p_x ${i}`]);
    await channels.redis.zadd(keys.callbackOrder, ...full.flat());
    await enqueue("ops", "p_1");
    await channels.client.cancel("p_1");
    expect(await countsOf("p_1")).toMatchObject({ pending: 0, failed: 1 });
  });

  it("leaves nothing behind for good where nobody empties it", async () => {
    const owned = await running();
    await owned.appendEvents([question(1)]);
    for (const key of (await channels.keys()).filter((name) => name.includes(":cb"))) {
      expect(await channels.redis.pttl(key), key).toBeGreaterThan(DAY_MS);
    }
  });

  it("rings when there is something to take", async () => {
    let rung = 0;
    await channels.client.callbacks.onBell(() => {
      rung += 1;
    });
    const { client } = channels;
    await enqueue("ops", "p_1");
    const [owned] = await channels.claim(await channels.worker("w1"));
    await owned?.fetch();
    await runPrompt(owned as OwnedChannel, "p_1");
    await waitUntil("the bell rang", () => rung > 0);
    expect((await client.getPrompt("p_1"))?.state).toBe("completed");
  });
});
