import { waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError } from "../src/ownership/lease-lost-error.ts";
import type { OwnedChannel } from "../src/ownership/owned-channel.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { runPrompt, settlement, updateEvent } from "./run-prompt.ts";

let channels: TestChannels;
beforeEach(async () => {
  channels = await openTestChannels();
});
afterEach(() => channels.close());

it("gives a channel to exactly one of two workers that look at the same time", async () => {
  const [one, two] = await Promise.all([channels.worker("w1"), channels.worker("w2")]);
  await channels.enqueue("ops", "p_1");
  const claims = await Promise.all([channels.claim(one), channels.claim(two)]);
  expect(claims.flat().map((owned) => owned.channel)).toEqual(["ops"]);
});

it("wakes the owner of an owned channel instead of assigning it again", async () => {
  const [one, two] = [await channels.worker("w1"), await channels.worker("w2")];
  await channels.enqueue("ops", "p_1");
  await channels.claimOne(one);
  await channels.enqueue("ops", "p_2");
  expect(await channels.claim(two)).toEqual([]);
  expect(await one.tick(10)).toMatchObject({ at: "ok", woken: ["ops"], claimed: [] });
});

it("leaves what a worker has no place for to another", async () => {
  const [one, two] = [await channels.worker("w1"), await channels.worker("w2")];
  for (const channel of ["a", "b", "c"]) {
    await channels.enqueue(channel, `p_${channel}`);
  }
  expect(await channels.claim(one, 1)).toHaveLength(1);
  expect(await channels.claim(two, 0)).toHaveLength(0);
  expect(await one.tick(0)).toMatchObject({ unassigned: 2 });
});

it("grows the fence with every claim", async () => {
  const worker = await channels.worker("w1");
  const fences: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    await channels.enqueue("ops", `p_${i}`);
    const owned = await channels.claimOne(worker);
    fences.push(Number(owned.fence));
    await owned.fetch();
    await runPrompt(owned, `p_${i}`);
    await owned.release();
  }
  expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
});

/** Every write of an owner, each of which a stale one must be refused. */
async function expectRefused(stale: OwnedChannel): Promise<void> {
  const live = { state: "busy", fence: 1, agent: "demo" } as const;
  const session = { id: "s", opened: "fresh", agent: "demo" } as const;
  const writes = [
    () => stale.dispatch({ promptId: "p_1", session, live, guarded: true }),
    () => stale.fetchAndDispatch({ promptId: "p_1", session, live, guarded: true }),
    () => stale.appendEvents([updateEvent("p_1", 1)]),
    () => stale.settle(settlement("p_1")),
    () => stale.recordGrant("p_1", {}),
    () => stale.settleIdle(),
    () => stale.clearIntent("warm", "1"),
    () => stale.showLive(live),
    () => stale.release(),
  ];
  for (const write of writes) {
    await expect(write()).rejects.toThrow(LeaseLostError);
  }
}

describe("an owner that was replaced", () => {
  it("is refused every write", async () => {
    const old = await channels.worker("w1");
    await channels.enqueue("ops", "p_1");
    const stale = await channels.claimOne(old);
    expect(await stale.fetch()).toBe("p_1");
    await channels.redis.del("{pl}:worker:w1");
    const next = await channels.worker("w2");
    await next.pruneDead();
    const owned = await channels.claimOne(next);
    expect(Number(owned.fence)).toBeGreaterThan(Number(stale.fence));

    await expectRefused(stale);
    expect((await channels.client.getPrompt("p_1"))?.state).toBe("accepted");
  });

  it("is refused under an old fence while its worker lives and owns the channel again", async () => {
    const worker = await channels.worker("w1");
    await channels.enqueue("ops", "p_1");
    const stale = await channels.claimOne(worker);
    expect(await stale.release()).toBe("assigned");
    const owned = await channels.claimOne(worker);
    await expectRefused(stale);
    expect(await owned.settleIdle()).not.toEqual({ at: "idle" });
  });

  it("is refused while its worker lives and another owns the channel", async () => {
    const [one, two] = [await channels.worker("w1"), await channels.worker("w2")];
    await channels.enqueue("ops", "p_1");
    const stale = await channels.claimOne(one);
    await stale.release();
    const owned = await channels.claimOne(two);
    // The same number under another owner is not the same claim either.
    await channels.redis.hset("{pl}:lease:ops", "f", stale.fence);
    await expectRefused(stale);
    await channels.redis.hset("{pl}:lease:ops", "f", owned.fence);
    expect(await owned.settleIdle()).not.toEqual({ at: "idle" });
  });

  it("is refused even when nobody has claimed its channel yet", async () => {
    const worker = await channels.worker("w1");
    await channels.enqueue("ops", "p_1");
    const owned = await channels.claimOne(worker);
    await channels.redis.del("{pl}:worker:w1");
    await expect(owned.settle(settlement("p_1"))).rejects.toThrow(LeaseLostError);
  });

  it("leaves its prompts to the next owner, in their order", async () => {
    const old = await channels.worker("w1");
    for (const id of ["p_1", "p_2", "p_3"]) {
      await channels.enqueue("ops", id);
    }
    const stale = await channels.claimOne(old);
    expect(await stale.fetch()).toBe("p_1");
    await channels.redis.del("{pl}:worker:w1");
    const next = await channels.worker("w2");
    await next.pruneDead();
    const owned = await channels.claimOne(next);
    expect(await owned.fetch()).toBeUndefined();
    expect(await owned.settleIdle()).toEqual({ at: "jobs" });
    expect(await owned.fetch()).toBe("p_1");
    expect(await runPrompt(owned, "p_1")).toBe("p_2");
  });

  it("cannot come back to life by renewing", async () => {
    const worker = await channels.worker("w1", 600);
    await channels.redis.del("{pl}:worker:w1");
    await waitUntil("the worker stops trusting itself", () => !worker.lease.trusted());
    expect(await channels.redis.exists("{pl}:worker:w1")).toBe(0);
    expect(await worker.tick(1)).toEqual({ at: "dead" });
  });
});

it("tells the next owner that a prompt was dispatched before and did not end", async () => {
  const old = await channels.worker("w1");
  await channels.enqueue("ops", "p_1");
  const first = await channels.claimOne(old);
  await first.fetch();
  const input = {
    promptId: "p_1",
    session: { id: "s", opened: "fresh", agent: "demo" },
    guarded: true,
    live: { state: "busy", fence: 1, agent: "demo" },
  } as const;
  expect(await first.dispatch(input)).toMatchObject({ at: "dispatched" });
  // An owner that did not hear the answer asks again and gets the same one.
  expect(await first.dispatch(input)).toMatchObject({ at: "dispatched" });
  await channels.redis.del("{pl}:worker:w1");
  const next = await channels.worker("w2");
  await next.pruneDead();
  const second = await channels.claimOne(next);
  expect(await second.dispatch(input)).toEqual({ at: "interrupted" });
});

it("keeps of a cold channel its registry entry and what is within retention, nothing else", async () => {
  const worker = await channels.worker("w1");
  await channels.enqueue("slack:C1", "p_1");
  const owned = await channels.claimOne(worker);
  await owned.fetch();
  await runPrompt(owned, "p_1", [updateEvent("p_1", 1)]);
  expect(await owned.settleIdle()).toEqual({ at: "idle" });
  expect(await owned.release()).toBe("cold");
  await worker.stop();
  expect(await channels.keys()).toEqual([
    "{pl}:c:slack:C1",
    "{pl}:channels",
    "{pl}:cp:slack:C1",
    "{pl}:ev:slack:C1",
    "{pl}:fence",
    "{pl}:ix:completed",
    "{pl}:p:p_1",
    "{pl}:run",
    "{pl}:seq",
  ]);
  for (const key of ["{pl}:cp:slack:C1", "{pl}:ev:slack:C1", "{pl}:p:p_1"]) {
    expect(await channels.redis.pttl(key)).toBeGreaterThan(0);
  }
});

it("keeps an intent until it is followed, and a newer one for the same thing", async () => {
  const worker = await channels.worker("w1");
  await channels.client.requestWarm("ops");
  const owned = await channels.claimOne(worker);
  const idle = await owned.settleIdle();
  const value = idle.at === "intents" ? (idle.intents.warm ?? "") : "";
  await channels.redis.hset("{pl}:intent:ops", "warm", `${value}9`);
  await owned.clearIntent("warm", value);
  expect(await owned.settleIdle()).toEqual({ at: "intents", intents: { warm: `${value}9` } });
  await owned.clearIntent("warm", `${value}9`);
  expect(await owned.settleIdle()).toEqual({ at: "idle" });
});

it("drops from the indexes what is past retention", async () => {
  const worker = await channels.worker("w1");
  for (const id of ["p_1", "p_2"]) {
    await channels.enqueue("ops", id);
  }
  const owned = await channels.claimOne(worker);
  await owned.fetch();
  await runPrompt(owned, "p_1");
  await channels.redis.del("{pl}:p:p_1");
  await worker.trimIndexes();
  expect(await channels.redis.zcard("{pl}:ix:completed")).toBe(0);
  await runPrompt(owned, "p_2");
  expect(await channels.redis.zrange("{pl}:cp:ops", "0", "-1")).toEqual(["p_2"]);
});

describe("fetching and dispatching in one packet", () => {
  const expecting = (promptId: string) =>
    ({
      promptId,
      session: { id: "s", opened: "warm", agent: "demo" },
      guarded: true,
      live: { state: "busy", fence: 1, agent: "demo" },
    }) as const;

  it("dispatches the prompt that was expected", async () => {
    const worker = await channels.worker("w1");
    await channels.enqueue("ops", "p_1", "do it");
    const owned = await channels.claimOne(worker);
    expect(await owned.fetchAndDispatch(expecting("p_1"))).toEqual({
      promptId: "p_1",
      dispatch: { at: "dispatched", prompt: "do it" },
    });
    expect((await channels.client.getPrompt("p_1"))?.state).toBe("running");
  });

  it("dispatches nothing where an earlier prompt comes first", async () => {
    const worker = await channels.worker("w1");
    await channels.enqueue("ops", "p_1");
    await channels.enqueue("ops", "p_2");
    const owned = await channels.claimOne(worker);
    expect(await owned.fetchAndDispatch(expecting("p_2"))).toEqual({ promptId: "p_1" });
    expect((await channels.client.getPrompt("p_1"))?.state).toBe("accepted");
    expect((await channels.client.getPrompt("p_2"))?.state).toBe("accepted");
  });
});
