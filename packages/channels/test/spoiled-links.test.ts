import { startTcpProxy, type TcpProxy, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { OwnedChannel } from "../src/ownership/owned-channel.ts";
import type { WorkerStore } from "../src/ownership/worker-store.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { runPrompt, updateEvent } from "./run-prompt.ts";

const TTL_MS = 3000;

let channels: TestChannels;
let proxy: TcpProxy;
let lost: string[];
let rung: string[];
let trustedUntilMs: number;
beforeEach(async () => {
  channels = await openTestChannels();
  proxy = await startTcpProxy(channels.url);
  lost = [];
  rung = [];
  trustedUntilMs = 0;
});
afterEach(async () => {
  proxy.heal();
  proxy.cut();
  await channels.close();
  await proxy.stop();
});

/** A worker behind the proxy; everybody else talks to Redis directly. */
function workerBehindProxy(): Promise<WorkerStore> {
  return channels.worker("w1", TTL_MS, {
    url: proxy.url,
    onLost: (reason) => lost.push(reason),
    onBell: (channel) => rung.push(channel),
    onTrusted: (untilMs) => {
      trustedUntilMs = untilMs;
    },
  });
}

async function claimOne(store: WorkerStore, id: string): Promise<OwnedChannel> {
  await channels.enqueue("ops", id);
  const [owned] = await channels.claim(store);
  if (owned === undefined) {
    throw new Error("nothing was claimed");
  }
  return owned;
}

/** Renewed by a request that was sent a whole TTL from now. */
const outlivesItsTtl = () => {
  const untilMs = performance.now() + TTL_MS;
  return waitUntil("it is trusted a TTL later", () => trustedUntilMs > untilMs + TTL_MS * 0.8);
};

it("keeps its leases when the links it has fall silent and new ones work", async () => {
  const worker = await workerBehindProxy();
  const owned = await claimOne(worker, "p_1");
  await owned.fetch();
  proxy.silenceOpen();
  const running = runPrompt(owned, "p_1", [updateEvent("p_1", 1)]);
  await outlivesItsTtl();
  await running;
  expect((await channels.client.getPrompt("p_1"))?.state).toBe("completed");
  // The bells fell silent, too, and nothing is sent there that would show it.
  rung.length = 0;
  let count = 1;
  await waitUntil("its bells ring again", async () => {
    count += 1;
    if (rung.length === 0 && count < 200) {
      await channels.client.requestWarm("ops");
    }
    return rung.length > 0;
  });
  expect(lost).toEqual([]);
});

it("keeps its leases over a slow link, and when all links are reset", async () => {
  const worker = await workerBehindProxy();
  const owned = await claimOne(worker, "p_1");
  proxy.delay(100);
  await outlivesItsTtl();
  proxy.cut();
  await outlivesItsTtl();
  proxy.delay(0);
  await owned.fetch();
  await runPrompt(owned, "p_1");
  expect(lost).toEqual([]);
});

it("ends, once, when nothing gets through beyond its trust window", async () => {
  await workerBehindProxy();
  proxy.blackHole();
  await waitUntil("it is told to end", () => lost.length > 0);
  expect(lost).toEqual(["expired"]);
  // Not before Redis could have given its channels away either.
  expect(await channels.redis.exists("{pl}:worker:w1")).toBe(1);
  await waitUntil(
    "its key expires",
    async () => (await channels.redis.exists("{pl}:worker:w1")) === 0,
  );
  expect(lost).toHaveLength(1);
});

it("tries at a calm pace while nothing gets through", async () => {
  const worker = await workerBehindProxy();
  const owned = await claimOne(worker, "p_1");
  await owned.fetch();
  proxy.blackHole();
  const ticks = Array.from({ length: 20 }, () => worker.tick(1).catch(() => undefined));
  const writes = Array.from({ length: 20 }, () =>
    owned.showLive({ state: "busy", fence: 1, agent: "x" }),
  );
  const outcomes = Promise.allSettled(writes);
  let most = 0;
  await waitUntil("its trust ends", () => {
    most = Math.max(most, proxy.connections());
    return lost.length > 0;
  });
  await Promise.all(ticks);
  await outcomes;
  expect(proxy.accepted()).toBeLessThan(60);
  expect(most).toBeLessThan(20);
});
