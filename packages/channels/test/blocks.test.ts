import { waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError } from "../src/index.ts";
import type { DispatchInput, OwnedChannel } from "../src/ownership/owned-channel.ts";
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

const FAILURE = {
  detail: "it exited with code 3",
  most: 3,
  withinMs: 60_000,
  firstRestMs: 60_000,
  longestRestMs: 100_000,
};

const guarded = (promptId: string, change: Partial<DispatchInput> = {}) =>
  dispatchOf(promptId, { guarded: true, ...change });

const claimOne = () => channels.claimOne(worker);

/** As an owner does with a channel that is blocked: its job goes back, and it lets go. */
async function letGo(owned: OwnedChannel): Promise<void> {
  await owned.putBack();
  expect(await owned.settleIdle()).toEqual({ at: "idle" });
  expect(await owned.release()).toBe("cold");
}

const view = () => channels.client.getChannel("ops");
const prompt = (id: string) => channels.client.getPrompt(id);

describe("failures of an agent", () => {
  it("let the channel rest at the third in a row, twice as long the next time, and not after a success", async () => {
    await channels.enqueue("ops", "p_1");
    const owned = await claimOne();
    expect(await owned.noteFailure(FAILURE)).toBeUndefined();
    expect(await owned.noteFailure(FAILURE)).toBeUndefined();
    const until = (await owned.noteFailure(FAILURE)) ?? 0;
    expect(until - Date.now()).toBeGreaterThan(50_000);
    expect((await view())?.blocked).toMatchObject({
      reason: "degraded",
      detail: "it exited with code 3",
      until,
    });
    await owned.reset();
    expect((await view())?.blocked).toBeUndefined();
    // What a reset forgets begins anew.
    expect(await owned.noteFailure(FAILURE)).toBeUndefined();
    expect(await owned.noteFailure(FAILURE)).toBeUndefined();
    await owned.fetch();
    await owned.dispatch(guarded("p_1"));
    await owned.settle(settlement("p_1"));
    for (let time = 0; time < 2; time += 1) {
      expect(await owned.noteFailure(FAILURE)).toBeUndefined();
    }
    await owned.noteFailure({ ...FAILURE, firstRestMs: 1 });
    await waitUntil("it goes on", async () => {
      await worker.tick(0);
      return (await view())?.blocked === undefined;
    });
    for (let time = 0; time < 2; time += 1) {
      await owned.noteFailure(FAILURE);
    }
    const second = (await owned.noteFailure(FAILURE)) ?? 0;
    // The longest rest bounds twice the first.
    expect(second - Date.now()).toBeGreaterThan(90_000);
  });

  it("long ago do not count", async () => {
    await channels.enqueue("ops", "p_1");
    const owned = await claimOne();
    for (let time = 0; time < 6; time += 1) {
      expect(await owned.noteFailure({ ...FAILURE, withinMs: 0 })).toBeUndefined();
    }
  });

  it("cannot be told by who is not the owner any more", async () => {
    await channels.enqueue("ops", "p_1");
    const owned = await claimOne();
    await channels.redis.hset("{pl}:lease:ops", "f", "9");
    await expect(owned.noteFailure(FAILURE)).rejects.toThrow(LeaseLostError);
    await expect(owned.reset()).rejects.toThrow(LeaseLostError);
  });
});

describe("a resting channel", () => {
  it("is no work, keeps its prompts in order, and is assigned again when its rest is over", async () => {
    await channels.enqueue("ops", "p_1");
    const owned = await claimOne();
    await owned.fetch();
    await owned.dispatch(guarded("p_1"));
    const untilMs = Date.now() + 300;
    await owned.recover({
      promptId: "p_1",
      fence: owned.fence,
      action: "park",
      reason: "its limit is hit",
      untilMs,
      afterwards: "continue",
    });
    await channels.enqueue("ops", "p_2");
    await letGo(owned);
    expect(await prompt("p_1")).toMatchObject({
      state: "waiting",
      waitingFor: "quota",
      waitingReason: "its limit is hit",
      attempts: [{ outcome: "limited" }],
    });
    expect(await prompt("p_2")).toMatchObject({ state: "accepted", waitingFor: "quota" });
    expect(await channels.claim(worker)).toEqual([]);
    await waitUntil("its rest is over", async () => {
      await worker.tick(0);
      return (await prompt("p_1"))?.state === "accepted";
    });
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
    const next = await claimOne();
    expect(await next.fetch()).toBe("p_1");
    expect(await next.dispatch(guarded("p_1"))).toMatchObject({
      at: "dispatched",
      recovery: "continue",
    });
    // A limit is no interruption.
    expect((await next.interruption("p_1"))?.recoveries).toBe(0);
  });

  it("goes on when the prompt that holds it is cancelled", async () => {
    await channels.enqueue("ops", "p_1");
    const owned = await claimOne();
    await owned.fetch();
    const untilMs = Date.now() + 3_600_000;
    const reason = "every agent is at its limit";
    // Nothing was sent: there is no attempt to end.
    await owned.recover({ promptId: "p_1", action: "park", reason, untilMs, afterwards: "retry" });
    await channels.enqueue("ops", "p_2");
    await letGo(owned);
    expect(await channels.client.cancel("p_1")).toEqual({ at: "cancelled" });
    expect((await view())?.blocked).toBeUndefined();
    const next = await claimOne();
    expect(await next.fetch()).toBe("p_1");
    expect(await next.dispatch(guarded("p_1"))).toEqual({ at: "final" });
  });
});

describe("a turn that another agent takes", () => {
  it("is dispatched again at once, with what its first attempt may have done in mind", async () => {
    await channels.enqueue("ops", "p_1");
    const owned = await claimOne();
    await owned.fetch();
    await owned.dispatch(guarded("p_1"));
    const move = {
      promptId: "p_1",
      fence: owned.fence,
      action: "move",
      afterwards: "continue",
    } as const;
    await owned.recover(move);
    // The same once more, as after a lost answer.
    await owned.recover(move);
    expect(await owned.dispatch(guarded("p_1"))).toMatchObject({
      at: "dispatched",
      recovery: "continue",
    });
    expect((await prompt("p_1"))?.attempts).toMatchObject([
      { outcome: "limited" },
      { recovery: "continue" },
    ]);
  });
});

describe("settings", () => {
  it("that changed refuse a dispatch under the old ones, and wake the owner", async () => {
    await channels.enqueue("ops", "p_1");
    const owned = await claimOne();
    await owned.fetch();
    await channels.client.setChannel("ops", { title: "Operations" });
    expect(await owned.dispatch(guarded("p_1"))).toEqual({ at: "settings" });
    expect(await owned.readIntents()).toEqual({ settings: "1" });
    const { version = "" } = (await owned.readChannel()) ?? {};
    expect(await owned.dispatch(guarded("p_1", { settingsVersion: version }))).toMatchObject({
      at: "dispatched",
    });
    await channels.client.setChannel("ops", { title: "Operations" });
    // The same settings once more are no others.
    expect((await owned.readChannel())?.version).toBe(version);
  });

  it("go with the channel when it is forgotten, once its owner has let go", async () => {
    await channels.client.setChannel("ops", { title: "Operations" });
    await channels.client.requestWarm("ops");
    const owned = await claimOne();
    await owned.clearIntent("warm", (await owned.readIntents()).warm ?? "");
    expect(await channels.client.forgetChannel("ops")).toBe("closing");
    expect(await owned.readIntents()).toHaveProperty("forget");
    await owned.clearIntent("forget", (await owned.readIntents()).forget ?? "");
    await owned.release({ forget: true });
    expect(await view()).toBeUndefined();
    expect((await channels.client.listChannels(10)).items).toEqual([]);
  });
});

describe("a cancel of a running prompt", () => {
  it("is a wish that its owner reads", async () => {
    await channels.enqueue("ops", "p_1");
    const owned = await claimOne();
    await owned.fetch();
    await owned.dispatch(guarded("p_1"));
    expect(await channels.client.cancel("p_1")).toEqual({ at: "requested" });
    expect(await owned.readIntents()).toEqual({ cancel: "p_1" });
    await owned.settle(settlement("p_1"));
    expect(await channels.client.cancel("p_1")).toEqual({ at: "final", state: "completed" });
    expect(await channels.client.cancel("p_9")).toEqual({ at: "missing" });
  });
});
