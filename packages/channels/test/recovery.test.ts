import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readChannel } from "../src/channel/read-channel.ts";
import { keys } from "../src/keys.ts";
import type { OwnedChannel } from "../src/ownership/owned-channel.ts";
import type { WorkerStore } from "../src/ownership/worker-store.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { dispatchOf, settlement } from "./run-prompt.ts";

let channels: TestChannels;
let worker: WorkerStore;
beforeEach(async () => {
  channels = await openTestChannels();
  worker = await channels.worker("w1");
});
afterEach(() => channels.close());

const claimOne = () => channels.claimOne(worker);

/** A prompt that was dispatched, with others behind it. */
async function dispatched(...waiting: string[]): Promise<{ owned: OwnedChannel; fence: string }> {
  await channels.enqueue("ops", "p_1", "do it");
  for (const id of waiting) {
    await channels.enqueue("ops", id);
  }
  const owned = await claimOne();
  await owned.fetch();
  await owned.dispatch(dispatchOf("p_1"));
  return { owned, fence: owned.fence };
}

async function ask(owned: OwnedChannel, fence: string): Promise<void> {
  await owned.recover({ promptId: "p_1", fence, action: "ask", reason: "its worker ended" });
  await owned.putBack();
}

it("sends a recovered prompt to be dispatched again, and tells how each attempt came to be", async () => {
  const { owned, fence } = await dispatched();
  await owned.recover({ promptId: "p_1", fence, action: "continue" });
  // The answer was lost and the call made again.
  await owned.recover({ promptId: "p_1", fence, action: "continue" });
  expect(await channels.client.getPrompt("p_1")).toMatchObject({ state: "accepted" });
  expect(
    await owned.dispatch(
      dispatchOf("p_1", { session: { id: "s1", opened: "resumed", agent: "demo" } }),
    ),
  ).toEqual({ at: "dispatched", prompt: "do it", recovery: "continue" });
  expect((await owned.interruption("p_1"))?.recoveries).toBe(1);
  await owned.settle(settlement("p_1"));
  expect((await channels.client.getPrompt("p_1"))?.attempts).toMatchObject([
    { opened: "fresh", outcome: "interrupted" },
    { opened: "resumed", recovery: "continue", outcome: "completed" },
  ]);
});

it("knows what speaks for and against running an interrupted prompt again", async () => {
  await channels.client.setChannel("ops", { onInterrupted: "abandon" });
  await channels.enqueue("ops", "p_1");
  const owned = await claimOne();
  await owned.fetch();
  expect(await owned.interruption("p_1")).toBeUndefined();
  await owned.dispatch(dispatchOf("p_1", { guarded: true, settingsVersion: "1" }));
  await owned.recordGrant("p_1", { toolCallId: "t" });
  expect(await owned.interruption("p_1")).toEqual({
    fence: owned.fence,
    guarded: true,
    grants: 1,
    recoveries: 0,
    idempotent: false,
    cancelled: false,
    policy: "abandon",
  });
});

it("remembers for good that one attempt could change something unseen", async () => {
  const { owned, fence } = await dispatched();
  await owned.recover({ promptId: "p_1", fence, action: "continue" });
  await owned.dispatch(dispatchOf("p_1", { guarded: true }));
  expect((await owned.interruption("p_1"))?.guarded).toBe(false);
});

it("keeps the plan over an interruption", async () => {
  const { owned, fence } = await dispatched();
  const plan = { promptId: "p_1", entries: [{ content: "one", status: "completed" }] };
  await owned.appendEvents([{ type: "plan", promptId: "p_1", data: JSON.stringify(plan) }]);
  await owned.recover({ promptId: "p_1", fence, action: "continue" });
  await owned.dispatch(dispatchOf("p_1"));
  expect((await channels.client.getPrompt("p_1"))?.plan).toEqual(plan.entries);
});

it("stores the channel's sessions with the dispatch, and nothing of the kind without one", async () => {
  await channels.enqueue("ops", "p_1");
  const owned = await claimOne();
  await owned.fetch();
  expect((await owned.readChannel())?.sessions).toEqual([]);
  const sessions = [{ id: "s1", agent: "demo", store: "abc" }];
  await owned.dispatch(dispatchOf("p_1", { sessions }));
  expect((await owned.readChannel())?.sessions).toEqual(sessions);
  expect((await channels.client.getChannel("ops"))?.sessions).toEqual([
    { id: "s1", agent: "demo" },
  ]);
});

it("packs what it keeps of a channel, however many sessions that are", async () => {
  await channels.enqueue("ops", "p_1");
  const owned = await claimOne();
  await owned.fetch();
  const many = Array.from({ length: 10 }, (_, i) => ({
    id: `0e7f2c1a-5b1d-4c0e-9f27-${String(i).padStart(12, "0")}-größer`,
    agent: "demo",
    store: "0e7f2c1a-5b1d-4c0e-9f27-000000000000",
    end: "closed" as const,
  }));
  await owned.dispatch(dispatchOf("p_1", { sessions: many }));
  expect((await owned.readChannel())?.sessions).toEqual(many);
  expect(await channels.redis.object("ENCODING", keys.channel("ops"))).toBe("listpack");
  await owned.settle(settlement("p_1"));
  await owned.release({ sessions: many.slice(0, 1) });
  expect((await readChannel(channels.redis, "ops"))?.sessions).toEqual(many.slice(0, 1));
});

describe("a prompt that waits for a decision", () => {
  it("holds its channel: nobody claims it and nothing behind it runs", async () => {
    const { owned, fence } = await dispatched("p_2");
    await ask(owned, fence);
    expect(await channels.client.getPrompt("p_1")).toMatchObject({
      state: "waiting",
      waitingFor: "decision",
      waitingReason: "its worker ended",
    });
    expect((await channels.client.getChannel("ops"))?.blocked).toMatchObject({
      reason: "decision",
      promptId: "p_1",
    });
    expect(await owned.settleIdle()).toEqual({ at: "idle" });
    expect(await owned.release()).toBe("cold");
    await channels.enqueue("ops", "p_3");
    expect(await channels.claim(worker)).toEqual([]);
    expect(await worker.repair()).toBe(0);
    expect(await channels.claim(worker)).toEqual([]);
    // Its queue survives going cold.
    await channels.client.decide("p_1", "continue", "key");
    const next = await claimOne();
    expect(await next.fetch()).toBe("p_1");
    expect(await next.dispatch(dispatchOf("p_1"))).toMatchObject({ recovery: "continue" });
    await next.settle(settlement("p_1"));
    const done = { id: "p_1", state: "completed", summary: "" } as const;
    expect(await next.finish(done, true)).toBe("p_2");
  });

  it("is not dispatched by an owner that fetches it all the same", async () => {
    const { owned, fence } = await dispatched();
    await ask(owned, fence);
    expect(await owned.fetch()).toBe("p_1");
    expect(await owned.dispatch(dispatchOf("p_1"))).toEqual({ at: "waiting" });
  });

  it("follows intents meanwhile", async () => {
    const { owned, fence } = await dispatched();
    await ask(owned, fence);
    await owned.settleIdle();
    await owned.release();
    await channels.client.requestWarm("ops");
    const next = await claimOne();
    expect(await next.settleIdle()).toMatchObject({ at: "intents" });
  });

  it("ends as interrupted when it is abandoned, and what waited behind it runs", async () => {
    const { owned, fence } = await dispatched("p_2");
    await ask(owned, fence);
    expect(await channels.client.decide("p_1", "abandon", "key")).toMatchObject({ at: "decided" });
    expect(await channels.client.getPrompt("p_1")).toMatchObject({
      state: "interrupted",
      error: { code: "interrupted" },
      decision: { decision: "abandon", by: "key" },
      attempts: [{ outcome: "interrupted" }],
    });
    expect(await worker.tick(1)).toMatchObject({ woken: ["ops"] });
    expect(await owned.settleIdle()).toEqual({ at: "jobs" });
    expect(await owned.fetch()).toBe("p_1");
    expect(await owned.dispatch(dispatchOf("p_1"))).toEqual({ at: "final" });
    const done = { id: "p_1", state: "completed", summary: "" } as const;
    expect(await owned.finish(done, true)).toBe("p_2");
  });

  it("takes the first of racing decisions, repeats it to who says the same, refuses the others", async () => {
    const { owned, fence } = await dispatched();
    await ask(owned, fence);
    const words = Array.from({ length: 20 }, (_, i) =>
      channels.client.decide("p_1", i % 2 === 0 ? "rerun" : "abandon", `key${i}`),
    );
    const outcomes = await Promise.all(words);
    expect(outcomes.filter(({ at }) => at === "decided")).toHaveLength(1);
    expect(outcomes.filter(({ at }) => at === "same")).toHaveLength(9);
    expect(outcomes.filter(({ at }) => at === "other")).toHaveLength(10);
    const [first] = outcomes.filter((outcome) => outcome.at === "decided");
    const { decision } = (await channels.client.getPrompt("p_1")) ?? {};
    expect(decision).toEqual(first?.at === "decided" ? first.decision : undefined);
  });

  it("is not to be decided before it asks, nor where there is none", async () => {
    await dispatched();
    expect(await channels.client.decide("p_1", "continue", "key")).toEqual({
      at: "not-waiting",
      state: "running",
    });
    expect(await channels.client.decide("p_9", "continue", "key")).toEqual({ at: "missing" });
  });
});

describe("the sweep", () => {
  it("makes a lost job again, ahead of the younger ones", async () => {
    for (const id of ["p_1", "p_2", "p_3"]) {
      await channels.enqueue("ops", id);
    }
    const queue = "{pl}:q:ops";
    await channels.redis.del(`${queue}:p_1`);
    await channels.redis.lrem(`${queue}:wait`, 0, "p_1");
    expect(await worker.repair()).toBe(1);
    const owned = await claimOne();
    expect(await owned.fetch()).toBe("p_1");
    await owned.dispatch(dispatchOf("p_1"));
    await owned.settle(settlement("p_1"));
    const done = { id: "p_1", state: "completed", summary: "" } as const;
    expect(await owned.finish(done, true)).toBe("p_2");
  });

  it("finds an owner for a channel that nobody owns and that waits nowhere", async () => {
    await channels.enqueue("ops", "p_1");
    await channels.redis.del("{pl}:assign");
    expect(await channels.claim(worker)).toEqual([]);
    expect(await worker.repair()).toBe(0);
    expect((await claimOne()).channel).toBe("ops");
  });

  it("is made by one worker at a time", async () => {
    await channels.enqueue("ops", "p_1");
    await worker.repair();
    await channels.redis.del("{pl}:assign");
    const other = await channels.worker("w2");
    await other.repair();
    expect(await channels.claim(other)).toEqual([]);
  });
});

it("serves channels of higher priority first, and the longest waiting among equals", async () => {
  await channels.client.setChannel("urgent", { priority: 9 });
  for (const channel of ["a", "b", "urgent", "later"]) {
    await channels.enqueue(channel, `p_${channel}`);
  }
  await channels.client.setChannel("later", { priority: 3 });
  const order: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    order.push(...(await channels.claim(worker, 1)).map(({ channel }) => channel));
  }
  expect(order).toEqual(["urgent", "later", "a", "b"]);
});
