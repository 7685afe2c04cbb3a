import { createLogger } from "@pilotlight/lifecycle";
import { waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openTimers, type Timers } from "../src/schedules/open-timers.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";

let channels: TestChannels;
let timers: Timers | undefined;
beforeEach(async () => {
  channels = await openTestChannels();
});
afterEach(async () => {
  await timers?.stop();
  timers = undefined;
  await channels.close();
});

async function work(): Promise<void> {
  timers = await openTimers({
    url: channels.url,
    name: "timers",
    limits: { queuePerChannel: 1000, queueTotal: 1000, eventsPerChannel: 100, retentionMs: 60_000 },
    defaultAgent: "demo",
    preWarmMs: 0,
    log: createLogger("test", "silent"),
    precheck: async () => undefined,
  });
}

const delay = (id: string, ms: number) =>
  channels.client.enqueue({
    id,
    channel: "ops",
    prompt: "later",
    surface: "api",
    bodyHash: "x",
    notBeforeMs: Date.now() + ms,
  });
const waiting = () => channels.redis.lrange("{pl}:q:ops:wait", 0, -1);

it("a prompt waits for its time, holds up nobody, and joins its queue then", async () => {
  await work();
  expect((await delay("p_1", 1500)).at).toBe("accepted");
  const { notBefore = 0 } = (await channels.client.getPrompt("p_1")) ?? {};
  expect(await channels.client.getPrompt("p_1")).toMatchObject({
    state: "accepted",
    waitingFor: "time",
  });
  await channels.enqueue("ops", "p_2");
  expect(await waiting()).toEqual(["p_2"]);
  await waitUntil("it joined", async () => (await waiting()).includes("p_1"));
  expect(Date.now()).toBeGreaterThanOrEqual(notBefore);
  expect(await waiting()).toEqual(["p_1", "p_2"]);
  const joined = await channels.client.getPrompt("p_1");
  expect(joined?.notBefore).toBeUndefined();
  expect(joined?.waitingFor).toBe("room");
});

it("its channel is not forgotten before its time, whoever closes its session meanwhile", async () => {
  const worker = await channels.worker("w1");
  await channels.client.requestWarm("ops");
  const [owned] = await channels.claim(worker);
  await delay("p_1", 60_000);
  expect(await channels.client.forgetChannel("ops")).toBe("busy");
  await owned?.clearIntent("warm", (await owned.readIntents()).warm ?? "");
  expect(await owned?.release({ forget: true })).toBe("cold");
  expect(await channels.redis.exists("{pl}:c:ops")).toBe(1);
  await channels.client.cancel("p_1");
  expect(await channels.client.forgetChannel("ops")).toBe("gone");
  expect(await channels.redis.exists("{pl}:later:ops")).toBe(0);
});

it("its session is wished to be open by then", async () => {
  await work();
  await delay("p_1", 60_000);
  await delay("p_2", 20_000);
  const wish = await waitUntil("somebody wishes it", () =>
    channels.redis.hget("{pl}:intent:ops", "warm"),
  );
  expect(wish).toMatch(/^\d+ \d+ p_2$/);
});

it("cancelled before its time it never joins, and wakes nobody", async () => {
  await delay("p_1", 500);
  expect(await channels.client.cancel("p_1")).toEqual({ at: "cancelled" });
  await delay("p_2", 600);
  await work();
  await waitUntil("the other one joined", async () => (await waiting()).length > 0);
  expect(await waiting()).toEqual(["p_2"]);
  expect((await channels.client.getPrompt("p_1"))?.state).toBe("cancelled");
});

it("handed in twice it is there once, before its time and after", async () => {
  await work();
  await delay("p_1", 700);
  expect((await delay("p_1", 700)).at).toBe("duplicate");
  await waitUntil("it joined", async () => (await waiting()).length > 0);
  expect((await delay("p_1", 50)).at).toBe("duplicate");
  await delay("p_2", 300);
  await waitUntil("the next one joined", async () => (await waiting()).includes("p_2"));
  expect(await waiting()).toEqual(["p_2", "p_1"]);
});

it("the sweep leaves it alone before its time, and gives it a job where its timer was lost", async () => {
  const worker = await channels.worker("w1");
  await delay("p_1", 60_000);
  expect(await worker.repair()).toBe(0);
  await channels.redis.hset("{pl}:p:p_1", "nb", Date.now() - 61_000);
  await channels.redis.del("{pl}:sweep");
  expect(await worker.repair()).toBe(1);
  expect(await waiting()).toEqual(["p_1"]);
  expect((await channels.client.getPrompt("p_1"))?.notBefore).toBeUndefined();
});
