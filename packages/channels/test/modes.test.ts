import type { ChannelSettings, PromptMode } from "@pilotlight/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  DispatchInput,
  DispatchOutcome,
  OwnedChannel,
} from "../src/ownership/owned-channel.ts";
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

const WARM = { id: "s1", opened: "warm", agent: "demo" } as const;
/** Nothing more is waited for. */
const AT_ONCE: ChannelSettings = { collectSecs: 0.1 };

async function send(id: string, mode?: PromptMode, text = id): Promise<string> {
  const outcome = await channels.client.enqueue({
    id,
    channel: "ops",
    prompt: text,
    surface: "api",
    bodyHash: text,
    ...(mode === undefined ? {} : { mode }),
  });
  return outcome.at;
}

const claimOne = (store = worker) => channels.claimOne(store);

/** The worker is taken to be dead, and does not know. */
async function takenOver(): Promise<OwnedChannel> {
  await channels.redis.del("{pl}:worker:w1");
  const other = await channels.worker("w2");
  await other.pruneDead();
  return await claimOne(other);
}

async function dispatch(
  owned: OwnedChannel,
  promptId: string,
  change: Partial<DispatchInput> = {},
): Promise<DispatchOutcome> {
  const settingsVersion = (await owned.readChannel())?.version ?? "";
  return await owned.dispatch(dispatchOf(promptId, { session: WARM, settingsVersion, ...change }));
}

/** Dispatches until the time to collect is over. */
async function dispatchCollected(owned: OwnedChannel, promptId: string): Promise<DispatchOutcome> {
  for (;;) {
    const outcome = await dispatch(owned, promptId);
    if (outcome.at !== "collect") {
      return outcome;
    }
    await new Promise((resolve) => setTimeout(resolve, outcome.moreMs));
  }
}

const done = (id: string) => ({ id, state: "completed", summary: "" }) as const;
const show = (id: string) => channels.client.getPrompt(id);
const eventsOf = async () => {
  const [, ...entries] = await channels.redis.xrange("{pl}:ev:ops", "-", "+");
  return entries.map(([, fields]) => `${fields[3]} ${fields[5]}`);
};

/** A turn that runs, with others behind it. */
async function running(...behind: [string, PromptMode?][]): Promise<OwnedChannel> {
  await send("p_1");
  const owned = await claimOne();
  await owned.fetch();
  await dispatch(owned, "p_1");
  for (const [id, mode] of behind) {
    await send(id, mode);
  }
  return owned;
}

/** A turn of two prompts runs. */
async function collected(): Promise<OwnedChannel> {
  await channels.client.setChannel("ops", AT_ONCE);
  await send("p_1", "collect");
  await send("p_2", "collect");
  const owned = await claimOne();
  await owned.fetch();
  await dispatchCollected(owned, "p_1");
  return owned;
}

describe("collect", () => {
  it("waits while prompts come, then makes them one turn, named before anything is sent", async () => {
    await channels.client.setChannel("ops", { collectSecs: 10 });
    for (const id of ["p_1", "p_2", "p_3"]) {
      await send(id, "collect");
    }
    const owned = await claimOne();
    expect(await owned.fetch()).toBe("p_1");
    const first = await dispatch(owned, "p_1");
    expect(first.at === "collect" && first.moreMs > 5000).toBe(true);
    expect(await show("p_1")).toMatchObject({ state: "accepted", mode: "collect" });
    await channels.client.setChannel("ops", AT_ONCE);
    expect(await dispatchCollected(owned, "p_1")).toEqual({
      at: "dispatched",
      prompt: "p_1",
      others: ["p_2", "p_3"],
    });
    expect(await show("p_1")).toMatchObject({ state: "running", members: ["p_2", "p_3"] });
    expect(await show("p_3")).toMatchObject({
      state: "running",
      delivery: "collected",
      turn: { id: "p_1" },
      attempts: [],
    });
    // The answer was lost and the call made again.
    expect(await dispatch(owned, "p_1")).toMatchObject({ others: ["p_2", "p_3"] });
  });

  it("ends with all its prompts at once, in order, and each of them is completed unrun", async () => {
    const owned = await collected();
    const end = {
      ...settlement("p_1"),
      result: { stopReason: "end_turn" },
      text: "both",
      eventData: JSON.stringify({ promptId: "p_1", state: "completed" }),
    };
    await owned.settle(end);
    await owned.settle(end);
    expect(await eventsOf()).toEqual([
      "accepted p_2",
      "started p_1",
      "started p_2",
      "completed p_1",
      "completed p_2",
    ]);
    const [last] = await channels.redis.xrevrange("{pl}:ev:ops", "+", "-", "COUNT", 1);
    expect(last?.[1].at(-1)).toBe('{"promptId":"p_2","state":"completed"}');
    for (const id of ["p_1", "p_2"]) {
      expect(await show(id)).toMatchObject({
        state: "completed",
        delivery: "collected",
        text: "both",
        stopReason: "end_turn",
      });
    }
    const listed = await channels.client.listPrompts({ channel: "ops", limit: 5 });
    expect(listed.items.map(({ text }) => text)).toEqual(["both", "both"]);
    expect(await owned.finish(done("p_1"), true)).toBe("p_2");
    expect(await dispatch(owned, "p_2")).toEqual({ at: "final" });
    expect(await owned.finish(done("p_2"), true)).toBeUndefined();
  });

  it("is a turn of one where nothing else came, and was queued then", async () => {
    await channels.client.setChannel("ops", AT_ONCE);
    await send("p_1", "collect");
    const owned = await claimOne();
    await owned.fetch();
    expect(await dispatchCollected(owned, "p_1")).toEqual({ at: "dispatched", prompt: "p_1" });
    await send("p_2", "collect");
    await owned.settle(settlement("p_1"));
    expect(await show("p_1")).toMatchObject({ delivery: "queued" });
    expect((await show("p_1"))?.members).toBeUndefined();
    expect(await owned.finish(done("p_1"), true)).toBe("p_2");
    expect(await dispatchCollected(owned, "p_2")).toEqual({ at: "dispatched", prompt: "p_2" });
  });

  it("keeps the order beside other prompts: what stands behind one of those is another turn", async () => {
    await channels.client.setChannel("ops", { collectSecs: 60 });
    for (const [id, mode] of [
      ["p_1", "collect"],
      ["p_2", "collect"],
      ["p_3"],
      ["p_4", "collect"],
    ]) {
      await send(id as string, mode as PromptMode);
    }
    const owned = await claimOne();
    await owned.fetch();
    // Nothing that comes later can join it: it does not wait for its time.
    expect(await dispatch(owned, "p_1")).toMatchObject({ at: "dispatched", others: ["p_2"] });
    await owned.settle(settlement("p_1"));
    expect(await owned.finish(done("p_1"), true)).toBe("p_2");
    expect(await owned.finish(done("p_2"), true)).toBe("p_3");
    expect(await dispatch(owned, "p_3")).toMatchObject({ at: "dispatched" });
    expect(await show("p_4")).toMatchObject({ state: "accepted" });
  });

  it("takes no more than the channel's most, and passes over what was cancelled", async () => {
    await channels.client.setChannel("ops", { collectSecs: 60, collectMost: 3 });
    for (const id of ["p_1", "p_2", "p_3", "p_4", "p_5"]) {
      await send(id, "collect");
    }
    await channels.client.cancel("p_2");
    const owned = await claimOne();
    await owned.fetch();
    expect(await dispatch(owned, "p_1")).toMatchObject({ others: ["p_3", "p_4"] });
    expect(await show("p_2")).toMatchObject({ state: "cancelled" });
  });

  it("is the mode of a prompt that does not say where the channel is set so", async () => {
    await channels.client.setChannel("ops", { mode: "collect", ...AT_ONCE });
    await send("p_1");
    await send("p_2", "queue");
    expect((await show("p_1"))?.mode).toBe("collect");
    expect((await show("p_2"))?.mode).toBeUndefined();
    expect((await channels.client.getChannel("ops"))?.settings).toEqual({
      mode: "collect",
      collectSecs: 0.1,
    });
  });

  it("is sent whole again where its worker died, and cancelled whole by the cancel of one", async () => {
    const owned = await collected();
    // Dies between naming the turn and sending it.
    const next = await takenOver();
    expect(await next.settleIdle()).toEqual({ at: "jobs" });
    expect(await next.fetch()).toBe("p_1");
    expect(await dispatch(next, "p_1")).toEqual({ at: "interrupted" });
    // A stale owner changes nothing.
    await expect(dispatch(owned, "p_1")).rejects.toThrow();
    await next.recover({ promptId: "p_1", fence: owned.fence, action: "continue" });
    // What comes meanwhile is no part of it.
    await send("p_3", "collect");
    expect(await dispatch(next, "p_1")).toEqual({
      at: "dispatched",
      prompt: "p_1",
      others: ["p_2"],
      recovery: "continue",
    });
    expect(await channels.client.cancel("p_2")).toEqual({ at: "requested" });
    expect(await next.readIntents()).toEqual({ cancel: "p_1" });
    await next.settle({ ...settlement("p_1"), state: "cancelled" });
    expect(await show("p_2")).toMatchObject({ state: "cancelled" });
    expect(await channels.client.cancel("p_2")).toEqual({ at: "final", state: "cancelled" });
    expect(await show("p_3")).toMatchObject({ state: "accepted" });
  });

  it("is run with another one's job where the first one's is gone", async () => {
    await collected();
    await worker.stop();
    await channels.redis.lrem("{pl}:q:ops:active", 0, "p_1");
    const next = await claimOne(await channels.worker("w2"));
    expect(await next.fetch()).toBe("p_2");
    expect(await dispatch(next, "p_2")).toEqual({ at: "member", turn: "p_1" });
    expect(await next.standing("p_2")).toEqual({ state: "running", turn: "p_1" });
  });

  it("ends whole when it is abandoned", async () => {
    const owned = await collected();
    const { fence } = owned;
    await owned.recover({ promptId: "p_1", fence, action: "ask", reason: "cut off" });
    await channels.client.decide("p_1", "abandon", "key");
    expect(await show("p_2")).toMatchObject({
      state: "interrupted",
      error: { code: "interrupted" },
    });
  });
});

describe("interrupt", () => {
  it("cancels the running turn, comes ahead of what waits, and both say so", async () => {
    const owned = await running(["p_2"], ["p_3", "interrupt"]);
    expect(await owned.readIntents()).toEqual({ cancel: "p_1" });
    expect((await show("p_3"))?.delivery).toBeUndefined();
    await owned.settle({ ...settlement("p_1"), state: "cancelled" });
    expect(await show("p_1")).toMatchObject({ state: "cancelled", interruptedBy: "p_3" });
    expect(await show("p_3")).toMatchObject({ mode: "interrupt", delivery: "interrupted" });
    expect(await owned.finish(done("p_1"), true)).toBe("p_2");
    expect(await dispatch(owned, "p_2")).toEqual({ at: "yield" });
    await owned.putBack();
    await owned.giveWay();
    await owned.giveWay();
    expect(await owned.fetch()).toBe("p_3");
    expect(await dispatch(owned, "p_3")).toMatchObject({ at: "dispatched" });
    await owned.settle(settlement("p_3"));
    expect(await owned.finish(done("p_3"), true)).toBe("p_2");
    expect(await dispatch(owned, "p_2")).toMatchObject({ at: "dispatched" });
  });

  it("was queued where no turn ran to be cancelled, or it ended by itself", async () => {
    const owned = await running(["p_2", "interrupt"]);
    await owned.settle(settlement("p_1"));
    expect(await owned.finish(done("p_1"), true)).toBe("p_2");
    await dispatch(owned, "p_2");
    expect(await show("p_2")).toMatchObject({ delivery: "queued" });
    expect((await show("p_1"))?.interruptedBy).toBeUndefined();
  });

  it("lets what has not begun wait, although its job is fetched already", async () => {
    await send("p_1");
    const owned = await claimOne();
    await owned.fetch();
    await send("p_2", "interrupt");
    expect(await owned.readIntents()).toEqual({});
    expect(await dispatch(owned, "p_1")).toEqual({ at: "yield" });
    await owned.putBack();
    // The worker dies before it gives way.
    await worker.stop();
    const next = await claimOne(await channels.worker("w2"));
    expect(await next.fetch()).toBe("p_1");
    expect(await dispatch(next, "p_1")).toEqual({ at: "yield" });
    await next.putBack();
    await next.giveWay();
    expect(await next.fetch()).toBe("p_2");
    expect(await show("p_1")).toMatchObject({ state: "accepted" });
  });

  it("ends the time to collect, and what was collected waits", async () => {
    await channels.client.setChannel("ops", { collectSecs: 60 });
    await send("p_1", "collect");
    const owned = await claimOne();
    await owned.fetch();
    expect(await dispatch(owned, "p_1")).toMatchObject({ at: "collect" });
    await send("p_2", "interrupt");
    expect(await dispatch(owned, "p_1")).toEqual({ at: "yield" });
  });

  it("puts the last of several first, and forgets one that was cancelled", async () => {
    const owned = await running(["p_2"], ["p_3", "interrupt"], ["p_4", "interrupt"]);
    await owned.settle({ ...settlement("p_1"), state: "cancelled" });
    await owned.finish(done("p_1"), true);
    expect(await dispatch(owned, "p_2")).toEqual({ at: "yield" });
    await owned.putBack();
    await owned.giveWay();
    expect(await channels.redis.lrange("{pl}:q:ops:wait", 0, -1)).toEqual(["p_2", "p_3", "p_4"]);
    await channels.client.cancel("p_4");
    expect(await owned.fetch()).toBe("p_4");
    expect(await owned.finish(done("p_4"), true)).toBe("p_3");
    expect(await dispatch(owned, "p_3")).toEqual({ at: "yield" });
    await owned.putBack();
    await owned.giveWay();
    expect(await owned.fetch()).toBe("p_3");
    expect(await dispatch(owned, "p_3")).toMatchObject({ at: "dispatched" });
  });

  it("cancels a turn that is between two attempts, and one whose worker died", async () => {
    const owned = await running();
    await owned.recover({ promptId: "p_1", fence: owned.fence, action: "continue" });
    await send("p_2", "interrupt");
    expect(await show("p_1")).toMatchObject({ state: "cancelled", interruptedBy: "p_2" });
    expect(await show("p_2")).toMatchObject({ delivery: "interrupted" });
    await owned.finish(done("p_1"), false);
    await owned.fetch();
    await dispatch(owned, "p_2");
    await worker.stop();
    await send("p_3", "interrupt");
    const next = await claimOne(await channels.worker("w2"));
    await next.settleIdle();
    expect(await next.fetch()).toBe("p_2");
    expect(await dispatch(next, "p_2")).toEqual({ at: "interrupted" });
    expect(await next.interruption("p_2")).toMatchObject({ cancelled: true });
  });

  it("is refused by a full channel like any other", async () => {
    await running(["p_2"], ["p_3"], ["p_4"], ["p_5"]);
    expect(await send("p_6", "interrupt")).toBe("channel-full");
    expect(await channels.redis.exists("{pl}:intent:ops")).toBe(0);
    expect(await send("p_5", "queue")).toBe("duplicate");
  });
});

describe("steer", () => {
  it("becomes part of the turn before it is sent, once, whatever stands before it", async () => {
    const owned = await running(["p_2"], ["p_3", "steer"]);
    expect(await owned.readIntents()).toEqual({ steer: "p_3" });
    expect(await owned.joinTurn("p_1")).toEqual({ promptId: "p_3", prompt: "p_3" });
    expect(await owned.joinTurn("p_1")).toBeUndefined();
    expect(await show("p_3")).toMatchObject({ state: "running", turn: { id: "p_1" } });
    expect((await show("p_3"))?.delivery).toBeUndefined();
    const joined = { promptId: "p_3", turn: { id: "p_1" }, delivery: "injected", textFrom: 4 };
    await owned.appendEvents([{ type: "started", promptId: "p_3", data: JSON.stringify(joined) }]);
    await owned.settle({ ...settlement("p_1"), text: "one two" });
    expect(await show("p_3")).toMatchObject({
      state: "completed",
      delivery: "injected",
      text: "two",
    });
    expect((await show("p_3"))?.turn?.eventId).toMatch(/^\d+-\d+$/);
    expect(await show("p_2")).toMatchObject({ state: "accepted" });
  });

  it("tells the same prompt again to a call whose answer was lost", async () => {
    const owned = await running(["p_2", "steer"], ["p_3", "steer"]);
    await owned.joinTurn("p_1");
    const holder = ["ops", "w1", owned.fence, "p_1"];
    // The first call of this owner, as it is repeated after an interruption of Redis.
    const again = await channels.redis.call(
      "EVALSHA",
      ...(await scriptCall("join-turn", [...holder, `${owned.fence}:1`])),
    );
    expect(again).toEqual(["ok", "p_2", "p_2"]);
    expect(await owned.joinTurn("p_1")).toMatchObject({ promptId: "p_3" });
    expect((await show("p_1"))?.members).toEqual(["p_2", "p_3"]);
  });

  it("goes back to its place where the turn was over before, and is no fallback", async () => {
    const owned = await running(["p_2", "steer"]);
    await owned.joinTurn("p_1");
    expect(await owned.leaveTurn("p_1", "p_2", "unsent")).toBe(false);
    expect(await owned.leaveTurn("p_1", "p_2", "unsent")).toBe(false);
    expect(await show("p_2")).toMatchObject({ state: "accepted" });
    expect((await show("p_2"))?.turn).toBeUndefined();
    await owned.settle(settlement("p_1"));
    expect(await show("p_2")).toMatchObject({ state: "accepted" });
    expect(await owned.finish(done("p_1"), true)).toBe("p_2");
    expect(await dispatch(owned, "p_2")).toMatchObject({ at: "dispatched" });
    expect(await show("p_2")).toMatchObject({ delivery: "queued" });
    expect(await channels.redis.hgetall("{pl}:counts")).toEqual({});
  });

  it("goes on as one that was cut off where the agent did not say whether it took it", async () => {
    const owned = await running(["p_2", "steer"]);
    await owned.joinTurn("p_1");
    await owned.leaveTurn("p_1", "p_2", "unknown");
    await owned.settle(settlement("p_1"));
    await owned.finish(done("p_1"), true);
    expect(await dispatch(owned, "p_2")).toMatchObject({ recovery: "continue" });
  });

  it("falls back to its place in the queue, counted once", async () => {
    const owned = await running(["p_2", "steer"], ["p_3"], ["p_4", "steer"]);
    expect(await owned.fallBack("p_1")).toBe(false);
    expect(await owned.fallBack("p_1")).toBe(false);
    expect(await show("p_4")).toMatchObject({ mode: "steer", delivery: "queued" });
    expect(await channels.redis.hgetall("{pl}:counts")).toEqual({ steerFallbacks: "2" });
    expect(await owned.joinTurn("p_1")).toBeUndefined();
  });

  it("falls back to an interrupt where the channel says so", async () => {
    await channels.client.setChannel("ops", { steerFallback: "interrupt" });
    const owned = await running(["p_2"], ["p_3", "steer"]);
    expect(await owned.fallBack("p_1")).toBe(true);
    // Its first answer was lost.
    expect(await owned.fallBack("p_1")).toBe(true);
    await owned.settle({ ...settlement("p_1"), state: "cancelled" });
    expect(await show("p_1")).toMatchObject({ interruptedBy: "p_3" });
    expect(await show("p_3")).toMatchObject({ delivery: "interrupted" });
    await owned.finish(done("p_1"), true);
    expect(await dispatch(owned, "p_2")).toEqual({ at: "yield" });
    await owned.putBack();
    await owned.giveWay();
    expect(await owned.fetch()).toBe("p_3");
  });

  it("stays part of a turn whose worker died before it said what the agent answered", async () => {
    const owned = await running(["p_2", "steer"]);
    await owned.joinTurn("p_1");
    const next = await takenOver();
    await next.settleIdle();
    await next.fetch();
    await expect(owned.joinTurn("p_1")).rejects.toThrow();
    await expect(owned.leaveTurn("p_1", "p_2", "unsent")).rejects.toThrow();
    expect(await next.joinTurn("p_1")).toBeUndefined();
    await next.recover({ promptId: "p_1", fence: owned.fence, action: "continue" });
    expect(await dispatch(next, "p_1")).toMatchObject({ others: ["p_2"] });
    expect(await show("p_2")).toMatchObject({ delivery: "injected" });
  });

  it("runs by itself where no turn runs", async () => {
    await send("p_1", "steer");
    expect(await channels.redis.exists("{pl}:intent:ops")).toBe(0);
    const owned = await claimOne();
    await owned.fetch();
    expect(await dispatch(owned, "p_1")).toMatchObject({ at: "dispatched" });
    expect(await show("p_1")).toMatchObject({ delivery: "queued" });
  });
});

async function scriptCall(
  name: "join-turn",
  args: readonly string[],
): Promise<[string, string, ...string[]]> {
  const { scripts, commandName } = await import("../src/scripts.ts");
  const lua = scripts.find((script) => script.name === commandName(name))?.lua ?? "";
  const sha = String(await channels.redis.script("LOAD", lua));
  return [sha, "1", "{pl}:", ...args];
}
