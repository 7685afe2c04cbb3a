import { setTimeout as sleep } from "node:timers/promises";
import { createLogger } from "@pilotlight/lifecycle";
import { checkServer, connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import { type RedisCluster, startRedisCluster, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { openBoardStore } from "../src/board/board-store.ts";
import { KEY_PREFIX } from "../src/keys.ts";
import type { OwnedChannel } from "../src/ownership/owned-channel.ts";
import type { WorkerStore } from "../src/ownership/worker-store.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { runPrompt, updateEvent } from "./run-prompt.ts";

let cluster: RedisCluster;
let channels: TestChannels;
const clients: Redis[] = [];
beforeEach(async ({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
  cluster = await startRedisCluster(KEY_PREFIX);
  channels = await openTestChannels(cluster.url);
});
afterEach(async () => {
  await channels?.close();
  for (const client of clients.splice(0)) {
    client.disconnect();
  }
  await cluster?.stop();
});

async function clientOf(url: string): Promise<Redis> {
  const redis = connectRedis({ url, name: "test" });
  clients.push(redis);
  await whenReady(redis, 5000);
  return redis;
}

async function claimOne(store: WorkerStore): Promise<OwnedChannel> {
  const claimed = await waitUntil("it claims", async () => {
    const outcome = await store.tick(10).catch(() => undefined);
    return outcome?.at === "ok" ? outcome.claimed[0] : undefined;
  });
  return claimed;
}

it("carries a prompt all the way on a cluster, with every key in one slot", async () => {
  const rung: string[] = [];
  const worker = await channels.worker("w1", 3000, { onBell: (channel) => rung.push(channel) });
  const seen: string[] = [];
  const ending = new AbortController();
  const stream = channels.client.streamEvents("slack:C1", { after: "now", signal: ending.signal });
  await stream.next();
  const reading = (async () => {
    for await (const events of stream) {
      seen.push(...events.map(({ type }) => type));
    }
  })();
  await channels.enqueue("slack:C1", "p_1");
  const owned = await claimOne(worker);
  await channels.enqueue("slack:C1", "p_2");
  expect(await owned.fetch()).toBe("p_1");
  expect(await runPrompt(owned, "p_1", [updateEvent("p_1", 1)])).toBe("p_2");
  await runPrompt(owned, "p_2");
  expect(await owned.settleIdle()).toEqual({ at: "idle" });
  expect(await channels.client.getPrompt("p_2")).toMatchObject({ state: "completed" });
  await waitUntil("its bell rang", () => rung.includes("slack:C1"));
  await waitUntil("all was heard", () => seen.filter((type) => type === "completed").length === 2);
  const board = await openBoardStore({
    url: cluster.url,
    name: "board",
    log: createLogger("board", "silent"),
  });
  expect(await board.readPicture(10)).toMatchObject({
    workers: [{ id: "w1" }],
    channels: [{ channel: "slack:C1", jobs: { completed: 2 } }],
  });
  expect(await board.listJobs("slack:C1", "completed", 0, 10)).toHaveLength(2);
  board.close();
  await channels.client.requestWarm("slack:C1");
  await channels.client.setChannel("slack:C1", { priority: 3 });
  expect(await owned.release()).toBe("assigned");
  await worker.trimIndexes();
  await worker.repair();
  ending.abort();
  await reading;

  const serving = await cluster.servingNode(KEY_PREFIX);
  for (const node of cluster.primaries) {
    const client = await clientOf(node.url);
    const slot = Number(await client.cluster("KEYSLOT", KEY_PREFIX));
    const size = await client.dbsize();
    if (node === serving) {
      expect(size).toBeGreaterThan(10);
      expect(await client.cluster("COUNTKEYSINSLOT", slot)).toBe(size);
    } else {
      expect(size).toBe(0);
    }
  }
});

it("accepts a cluster by its own kind of address, and says so where it was given another", async () => {
  const report = await checkServer(await clientOf(cluster.url));
  expect(report.faults).toEqual([]);
  const serving = await cluster.servingNode(KEY_PREFIX);
  expect((await checkServer(await clientOf(serving.url))).faults).toEqual([
    expect.stringMatching(/redis\+cluster:\/\//),
  ]);
});

it("follows its slot to another node, which the old one tells", async () => {
  const worker = await channels.worker("w1", 30_000, { onLost: (reason) => lost.push(reason) });
  const lost: string[] = [];
  await channels.enqueue("ops", "p_1");
  const owned = await claimOne(worker);
  await owned.fetch();
  const follower = await clientOf(cluster.replica.url);
  // Asked again: an election may find no majority the first time.
  await waitUntil(
    "the replica has taken over",
    async () => {
      await follower.call("CLUSTER", "FAILOVER").catch(() => undefined);
      await sleep(500);
      return /role:master/.test(await follower.info("replication"));
    },
    20_000,
  );
  await waitUntil("it accepts again", () => channels.enqueue("ops", "p_2").catch(() => undefined));
  // Nothing was lost on the way, so the owner goes on.
  expect(await runPrompt(owned, "p_1", [updateEvent("p_1", 1)])).toBe("p_2");
  await runPrompt(owned, "p_2");
  expect(await follower.hget(`${KEY_PREFIX}p:p_2`, "st")).toBe("completed");
  expect(lost).toEqual([]);
}, 60_000);

it("goes on with the replica when the node of its slot is killed", async () => {
  const worker = await channels.worker("w1", 4000);
  await channels.enqueue("ops", "p_1");
  const before = await claimOne(worker);
  await before.fetch();
  await runPrompt(before, "p_1");
  await before.release();
  const kept = await clientOf(cluster.replica.url);
  await waitUntil("the replica has it", async () => Number(await kept.dbsize()) > 3);
  await (await cluster.servingNode(KEY_PREFIX)).end("SIGKILL");
  await waitUntil(
    "it accepts again",
    () => channels.enqueue("ops", "p_2").catch(() => undefined),
    30_000,
  );
  const next = await channels.worker("w2", 4000);
  const after = await claimOne(next);
  expect(Number(after.fence)).toBeGreaterThan(Number(before.fence));
  expect(await after.fetch()).toBe("p_2");
  await runPrompt(after, "p_2");
  expect(await channels.client.getPrompt("p_2")).toMatchObject({ state: "completed" });
  expect((await checkServer(await clientOf(cluster.url))).faults).toEqual([]);
}, 60_000);
