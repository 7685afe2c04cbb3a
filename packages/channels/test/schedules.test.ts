import { type ScheduleDefinition, scheduleRequestSchema } from "@pilotlight/contracts";
import { createLogger } from "@pilotlight/lifecycle";
import { defineScripts } from "@pilotlight/redis";
import { waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openTimers, type Timers } from "../src/schedules/open-timers.ts";
import { runScript, scripts } from "../src/scripts.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";

let channels: TestChannels;
const opened: Timers[] = [];
beforeEach(async () => {
  channels = await openTestChannels();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((timers) => timers.stop()));
  await channels.close();
});

/** Those that say no. */
const objections = new Map<string, string>();
const precheck = async (name: string) => objections.get(name);

const define = (given: object): ScheduleDefinition =>
  scheduleRequestSchema.parse({ channel: "ops", prompt: "look", preWarmSecs: 0, ...given });
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

async function timers(): Promise<Timers> {
  const one = await openTimers({
    url: channels.url,
    name: `timers-${opened.length}`,
    limits: { queuePerChannel: 1000, queueTotal: 1000, eventsPerChannel: 100, retentionMs: 60_000 },
    defaultAgent: "demo",
    preWarmMs: 0,
    log: createLogger("test", "silent"),
    precheck,
  });
  opened.push(one);
  return one;
}

const put = (id: string, given: object) =>
  channels.client.schedules.put(id, define(given), { at: "any" });

/** Oldest first. */
async function rows(id: string) {
  return (await channels.client.schedules.occurrences(id, 200)).items.toReversed();
}

describe("a due time", () => {
  it("fires once, on time, and the schedule is finished where it was the last", async () => {
    await Promise.all([timers(), timers(), timers()]);
    const at = soon(1200);
    await put("once", { at, metadata: { a: 1 } });
    const [row] = await waitUntil("it fired", async () => {
      const found = await rows("once");
      return found[0]?.outcome === "fired" ? found : undefined;
    });
    expect(row).toMatchObject({ dueAt: Date.parse(at), trigger: "schedule" });
    expect(row?.latenessMs).toBeGreaterThanOrEqual(0);
    expect(await channels.client.getPrompt(row?.promptId ?? "")).toMatchObject({
      channel: "ops",
      prompt: "look",
      surface: "schedule",
      permissions: "deny-all",
      metadata: { a: 1 },
      schedule: { id: "once", dueAt: Date.parse(at) },
    });
    expect(await channels.client.schedules.get("once")).toMatchObject({
      state: "finished",
      next: [],
      runs: 1,
    });
  });

  it("has one row although several processes see to it, and the next one follows", async () => {
    await Promise.all([timers(), timers(), timers()]);
    await put("often", { everySecs: 1, overlap: "queue" });
    const found = await waitUntil("it fired four times", async () => {
      const fired = (await rows("often")).filter(({ outcome }) => outcome === "fired");
      return fired.length >= 4 ? fired : undefined;
    });
    const due = found.map(({ dueAt }) => dueAt);
    expect(due).toEqual(due.map((_, index) => (due[0] ?? 0) + index * 1000));
    expect(new Set(found.map(({ promptId }) => promptId)).size).toBe(found.length);
  });

  it("that was begun by a process that died is completed by another", async () => {
    const dueMs = Date.now() - 60_000;
    await put("left", { cron: "0 0 1 1 *" });
    await channels.redis.hset(
      "{pl}:schrows:left",
      dueMs,
      '{"outcome":"firing","trigger":"schedule","promptId":"p_00000000000000000000000001"}',
    );
    await channels.redis.zadd("{pl}:schorder:left", dueMs, dueMs);
    await channels.redis.zadd("{pl}:firing", dueMs, `${dueMs} left`);
    await timers();
    await waitUntil("it is completed", async () => (await rows("left"))[0]?.outcome === "fired");
    // Somebody who found its channel full says so too late.
    await channels.redis.hset(
      "{pl}:schrows:left",
      dueMs,
      (await row("left", dueMs)).replace("fired", "firing"),
    );
    await runScript(await scripted(), "complete-occurrence", ["left", dueMs, "full"]);
    expect((await rows("left"))[0]?.outcome).toBe("fired");
    expect(await channels.client.getPrompt("p_00000000000000000000000001")).toBeDefined();
    expect(await channels.redis.zcard("{pl}:firing")).toBe(0);
  });

  it("whose jobs were lost gets them again", async () => {
    await put("lost", { at: soon(500) });
    for (const key of await channels.redis.keys("{pl}:q:~timers*")) {
      await channels.redis.del(key);
    }
    await timers();
    await waitUntil("it fired", async () => (await rows("lost"))[0]?.outcome === "fired");
  });
});

const row = async (id: string, dueMs: number) =>
  (await channels.redis.hget(`{pl}:schrows:${id}`, String(dueMs))) ?? "";

async function scripted() {
  await defineScripts(channels.redis, scripts);
  return channels.redis;
}

describe("due times that nobody saw to", () => {
  /** Four due times, five minutes each, the last of them five minutes ago. */
  async function outage(policy: object): Promise<string[]> {
    const every = { everySecs: 300, overlap: "queue", ...policy };
    await put("late", every);
    const first = Date.now() - 1_199_000;
    await channels.redis.hset("{pl}:sch:late", "n", first, "a", first - 300_000);
    await channels.redis.zadd("{pl}:due", first, "late");
    await timers();
    const found = await waitUntil("all have rows", async () => {
      const all = await rows("late");
      return all.length >= 4 && all.every(({ outcome }) => outcome !== "firing") ? all : undefined;
    });
    expect(found.slice(0, 4).map(({ dueAt }) => dueAt)).toEqual(
      [0, 1, 2, 3].map((index) => first + index * 300_000),
    );
    return found.slice(0, 4).map(({ outcome, reason }) => reason ?? outcome);
  }

  it.each([
    [{ misfire: "skip" }, ["misfire", "misfire", "misfire", "misfire"]],
    [{ misfire: "once" }, ["misfire", "misfire", "misfire", "fired"]],
    [{ misfire: "all" }, ["fired", "fired", "fired", "fired"]],
    [{ misfire: "all", misfireLimit: 2 }, ["misfire", "misfire", "fired", "fired"]],
    [{ misfire: "all", maxRuns: 1 }, ["fired", "limit", "limit", "limit"]],
  ])("%j: %j", async (policy, expected) => {
    expect(await outage(policy)).toEqual(expected);
  });
});

it("a due time that nobody saw to is told to one worker, which takes it over", async () => {
  const workers = [await channels.worker("w1"), await channels.worker("w2")];
  const overdue = async () =>
    (await Promise.all(workers.map((worker) => worker.tick(0)))).map((told) =>
      told.at === "ok" ? told.overdue : [],
    );
  await put("orphan", { at: soon(500) });
  const told = await waitUntil("somebody is told", async () => {
    const lists = await overdue();
    return lists.flat().length > 0 ? lists : undefined;
  });
  expect(told.flat()).toEqual(["orphan"]);
  expect(await overdue()).toEqual([[], []]);
  await (await timers()).takeOver(["orphan"], []);
  await waitUntil("it fired", async () => (await rows("orphan"))[0]?.outcome === "fired");
  expect(await channels.redis.exists("{pl}:duetold:orphan")).toBe(0);
});

describe("what does not fire says why", () => {
  it("paused, and fires again when it goes on", async () => {
    await timers();
    await put("rests", { everySecs: 1, overlap: "queue" });
    await channels.client.schedules.pause("rests");
    await waitUntil("it was skipped", async () => (await rows("rests"))[0]?.reason === "paused");
    const view = await channels.client.schedules.resume("rests");
    expect(view).toMatchObject({ state: "active" });
    expect(view?.pausedReason).toBeUndefined();
    await waitUntil("it fired", async () => (await rows("rests")).at(-1)?.outcome === "fired");
  });

  it("overlap: its prompt before is not finished", async () => {
    await timers();
    await put("slow", { everySecs: 1 });
    await waitUntil("one was skipped", async () => (await rows("slow")).length >= 2);
    expect((await rows("slow")).slice(0, 2)).toMatchObject([
      { outcome: "fired" },
      { outcome: "skipped", reason: "overlap" },
    ]);
    expect((await channels.client.listPrompts({ limit: 10 })).items).toHaveLength(1);
    expect(await channels.redis.lrange("{pl}:q:ops:wait", 0, -1)).toHaveLength(1);
  });

  it("replace: the one before is cancelled", async () => {
    await timers();
    await put("newest", { everySecs: 1, overlap: "replace" });
    await waitUntil("two fired", async () => {
      return (await rows("newest")).filter(({ outcome }) => outcome === "fired").length >= 2;
    });
    const [first] = await rows("newest");
    expect((await channels.client.getPrompt(first?.promptId ?? ""))?.state).toBe("cancelled");
  });

  it("full: its channel takes no more", async () => {
    await timers();
    for (let i = 0; i < 5; i += 1) {
      await channels.enqueue("ops", `p_${i}`);
    }
    await Promise.all(opened.splice(0).map((one) => one.stop()));
    const one = await openTimers({
      url: channels.url,
      name: "full",
      limits: { queuePerChannel: 5, queueTotal: 1000, eventsPerChannel: 100, retentionMs: 60_000 },
      defaultAgent: "demo",
      preWarmMs: 0,
      log: createLogger("test", "silent"),
      precheck,
    });
    opened.push(one);
    await put("squeezed", { at: soon(300) });
    await waitUntil("it was skipped", async () => (await rows("squeezed"))[0]?.reason === "full");
  });

  it("precheck: it says what is against it, and nothing is run", async () => {
    objections.set("stock", "nothing new in stock");
    await timers();
    await put("checked", { at: soon(500), precheck: "stock" });
    await put("let-through", { at: soon(500), precheck: "other" });
    await waitUntil("both are over", async () => {
      return (await rows("checked")).length > 0 && (await rows("let-through")).length > 0;
    });
    expect((await rows("checked"))[0]).toMatchObject({
      outcome: "skipped",
      reason: "precheck",
      detail: "nothing new in stock",
    });
    expect((await rows("let-through"))[0]?.reason).toBeUndefined();
  });

  it("limit: it ends after its runs", async () => {
    await timers();
    await put("few", { everySecs: 1, overlap: "queue", maxRuns: 2 });
    await waitUntil("it ended", async () => {
      return (await channels.client.schedules.get("few"))?.state === "finished";
    });
    expect(await rows("few")).toHaveLength(2);
  });
});

describe("clocks that are wrong", () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const stepClock = (hours: number) =>
    vi.useFakeTimers({ now: Date.now() + hours * 3_600_000, toFake: ["Date"] });

  it.each([2, -2])("cost no due time its row and none a second one: by %i h", async (hours) => {
    await timers();
    await put("steady", { everySecs: 1, overlap: "queue" });
    await waitUntil("it fired", async () => (await rows("steady")).length >= 2);
    stepClock(hours);
    const worker = await channels.worker("w1");
    const stepped = (await rows("steady")).length;
    const found = await waitUntil(
      "it goes on",
      async () => {
        const told = await worker.tick(0);
        if (told.at === "ok") {
          await opened[0]?.takeOver(told.overdue, told.left);
        }
        const all = await rows("steady");
        return all.length >= stepped + 3 ? all : undefined;
      },
      40_000,
    );
    const first = found[0]?.dueAt ?? 0;
    expect(found.map(({ dueAt }) => dueAt)).toEqual(found.map((_, i) => first + i * 1000));
    for (const { outcome, reason, latenessMs } of found) {
      expect(outcome === "skipped" ? reason : outcome).toMatch(/^(fired|firing|misfire)$/);
      expect(latenessMs ?? 0).toBeGreaterThanOrEqual(0);
    }
    const prompts = found.flatMap(({ promptId }) => promptId ?? []);
    expect(new Set(prompts).size).toBe(prompts.length);
  });

  it("open no session long before it is needed", async () => {
    stepClock(2);
    await timers();
    const at = await dueIn(60_000);
    await put("far", { at, channel: "far", preWarmSecs: 5 });
    await put("near", { at: await dueIn(5000), channel: "near", preWarmSecs: 4 });
    await waitUntil("the near one is opened", () => channels.redis.exists("{pl}:intent:near"));
    expect(await channels.redis.exists("{pl}:intent:far")).toBe(0);
  });

  it("of Redis set back: what is not due any more waits for its time", async () => {
    await put("again", { at: soon(1500) });
    // What a step of that clock by an hour looks like to whoever has the job.
    const dueMs = (await channels.client.schedules.get("again"))?.nextAt ?? 0;
    const later = dueMs + 3_600_000;
    await timers();
    await channels.redis.hset("{pl}:sch:again", "n", later);
    await channels.redis.zadd("{pl}:due", later, "again");
    await put("other", { at: soon(2500) });
    await waitUntil("the other one fired", async () => (await rows("other")).length > 0);
    expect(await rows("again")).toEqual([]);
  });

  async function dueIn(ms: number): Promise<string> {
    const [seconds] = await channels.redis.time();
    return new Date(Number(seconds) * 1000 + ms).toISOString();
  }
});

describe("a session opened ahead of a due time", () => {
  const wish = () => channels.redis.hget("{pl}:intent:ops", "warm");
  const schedule = () => channels.client.schedules.get("warm");
  async function warmed(worker: string) {
    const store = await channels.worker(worker);
    const [owned] = await channels.claim(store);
    if (owned === undefined) {
      throw new Error("nothing was claimed");
    }
    const [due = ""] = /\d+ warm$/.exec((await wish()) ?? "") ?? [];
    await owned.noteWarm({ due, opened: { agent: "demo", openMs: 10 } });
    await owned.clearIntent("warm", (await wish()) ?? "");
    return owned;
  }

  it("and lost is opened again, for that due time, so often at most, and counted", async () => {
    await timers();
    await put("warm", { at: soon(60_000), preWarmSecs: 120 });
    await waitUntil("it is asked for", wish);
    const asked = await wish();
    for (const worker of ["w1", "w2"]) {
      expect(await (await warmed(worker)).release()).toBe("assigned");
      expect(await wish()).toBe(asked);
    }
    expect((await schedule())?.preWarms).toMatchObject({ lost: 2, failed: 0 });
    expect(await (await warmed("w3")).release()).toBe("cold");
    expect(await wish()).toBeNull();
  });

  it("and lost is opened again by another worker where its own one died", async () => {
    await timers();
    await put("warm", { at: soon(60_000), preWarmSecs: 120 });
    await waitUntil("it is asked for", wish);
    await warmed("w1");
    await channels.redis.del("{pl}:worker:w1");
    const other = await channels.worker("w2");
    await other.pruneDead();
    expect((await channels.claim(other)).map(({ channel }) => channel)).toEqual(["ops"]);
    expect(await wish()).toMatch(/ warm$/);
    expect((await schedule())?.preWarms.lost).toBe(1);
  });

  it("is not opened again where a person wants it closed, nor where the schedule is paused", async () => {
    await timers();
    await put("warm", { at: soon(60_000), preWarmSecs: 120 });
    await waitUntil("it is asked for", wish);
    const first = await warmed("w1");
    await channels.client.requestCool("ops");
    await first.clearIntent("cool", (await first.readIntents()).cool ?? "");
    expect(await first.release()).toBe("cold");

    await put("warm", { at: soon(50_000), preWarmSecs: 120 });
    await waitUntil("it is asked for", wish);
    const second = await warmed("w2");
    await channels.client.schedules.pause("warm");
    expect(await second.release()).toBe("cold");
    expect((await schedule())?.preWarms.lost).toBe(0);
  });
});

it("sessions that are due at one instant are opened one after the other, ahead of their lead", async () => {
  await timers();
  const at = soon(60_000);
  const ids = ["c", "a", "b"];
  for (const id of ids) {
    await put(id, { at, channel: id, preWarmSecs: 45 });
  }
  const placed = async () =>
    (await channels.redis.keys("{pl}:q:~timers:warm.*"))
      .map((key) => /~timers:warm\.(\w)@\d+\.(\d+)$/.exec(key) ?? [])
      .filter(([, id]) => id !== undefined);
  const jobs = await waitUntil("each has its place", async () => {
    const found = await placed();
    return found.length === ids.length ? found : undefined;
  });
  const leads = new Map(jobs.map(([, id, openMs]) => [id, Date.parse(at) - Number(openMs)]));
  expect(ids.map((id) => leads.get(id))).toEqual([45_000, 45_250, 45_500]);
});

it("a worker that waits for due times keeps its connection, however short its leases are", async () => {
  const worker = await channels.worker("w1", 1000);
  opened.push(
    await worker.openTimers({
      name: "idle",
      limits: { queuePerChannel: 10, queueTotal: 10, eventsPerChannel: 100, retentionMs: 60_000 },
      defaultAgent: "demo",
      preWarmMs: 0,
      log: createLogger("test", "silent"),
      precheck,
    }),
  );
  await waitUntil("it is three seconds old", async () => {
    const clients = String(await channels.redis.client("LIST"));
    const age = / name=idle:due\S* age=(\d+) /.exec(clients)?.[1];
    return Number(age ?? 0) >= 3;
  });
  await put("idle", { at: soon(300) });
  await waitUntil("it fired", async () => (await rows("idle"))[0]?.outcome === "fired");
});

describe("setting a schedule", () => {
  it("twice is once: same version, same due times", async () => {
    const first = await put("same", { everySecs: 60 });
    const again = await put("same", { everySecs: 60 });
    expect([first.at, again.at]).toEqual(["created", "same"]);
    expect(await channels.client.schedules.get("same")).toEqual(
      "schedule" in first ? first.schedule : undefined,
    );
  });

  it("by many at once leaves one of them, whole, and its next due time as it was", async () => {
    const first = await put("stormy", { everySecs: 60 });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        put("stormy", { everySecs: 60, prompt: `v${index}` }),
      ),
    );
    expect(outcomes.some(({ at }) => at === "updated")).toBe(true);
    const view = await channels.client.schedules.get("stormy");
    expect(view?.nextAt).toBe("schedule" in first ? first.schedule.nextAt : 0);
    expect(view?.definition.prompt).toMatch(/^v\d+$/);
  });

  it("replaces only the version that was meant", async () => {
    await put("watched", { everySecs: 60 });
    const { etag = "" } = (await channels.client.schedules.get("watched")) ?? {};
    const replace = (prompt: string) =>
      channels.client.schedules.put("watched", define({ everySecs: 60, prompt }), {
        at: "match",
        etag,
      });
    expect((await replace("a")).at).toBe("updated");
    expect((await replace("b")).at).toBe("stale");
    expect(await channels.client.schedules.remove("watched", etag)).toBe("stale");
    expect(await channels.client.schedules.remove("watched")).toBe("removed");
    expect(await channels.client.schedules.get("watched")).toBeUndefined();
  });

  it("anew does not forget a due time that passed", async () => {
    await put("owing", { at: soon(50) });
    await waitUntil("it is due", async () => {
      return ((await channels.client.schedules.get("owing"))?.nextAt ?? Infinity) < Date.now();
    });
    await put("owing", { everySecs: 3600 });
    await timers();
    await waitUntil("it fired", async () => (await rows("owing"))[0]?.outcome === "fired");
    expect((await channels.client.schedules.get("owing"))?.state).toBe("active");
  });
});

it("so many failures in a row pause it, and it says so", async () => {
  await timers();
  const worker = await channels.worker("w1");
  await put("unlucky", { everySecs: 1, failureLimit: 2, overlap: "queue" });
  const fail = async () => {
    const [owned] = await channels.claim(worker);
    for (let id = await owned?.fetch(); id !== undefined; id = await owned?.fetch()) {
      const result = { error: { code: "x", message: "no" } };
      await owned?.settle({ promptId: id, state: "failed", result, text: "", eventData: "{}" });
      await owned?.finish({ id, state: "failed", summary: "" }, false);
    }
    await owned?.release();
  };
  await waitUntil("it paused", async () => {
    await fail();
    return (await channels.client.schedules.get("unlucky"))?.state === "paused";
  });
  expect(await channels.client.schedules.get("unlucky")).toMatchObject({
    failures: 2,
    pausedReason: "2 of its prompts failed in a row",
  });
});

it("run now fires although it is paused, as a due time of its own", async () => {
  await put("handy", { cron: "0 0 1 1 *" });
  await channels.client.schedules.pause("handy");
  const runs = await Promise.all([1, 2, 3].map(() => channels.client.schedules.run("handy")));
  expect(new Set(runs.map((run) => run?.dueAt)).size).toBe(3);
  expect(runs.every((run) => run?.outcome === "fired" && run.trigger === "run")).toBe(true);
  expect(await channels.client.schedules.run("unknown")).toBeUndefined();
});
