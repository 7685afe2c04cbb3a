import { cpSync, renameSync, rmSync } from "node:fs";
import { createLogger } from "@pilotlight/lifecycle";
import { connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import { type RedisServer, startRedisServer, startTcpProxy, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { keys } from "../src/keys.ts";
import type { OwnedChannel } from "../src/ownership/owned-channel.ts";
import { openWorkerRegistry } from "../src/ownership/worker-registry.ts";
import type { Lease, WorkerStore } from "../src/ownership/worker-store.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { runPrompt } from "./run-prompt.ts";

const needsRealRedis = it.skipIf(!inject("redisDurable"));
const TTL_MS = 3000;

let server: RedisServer;
let channels: TestChannels;
const toStop: (() => Promise<unknown> | unknown)[] = [];

beforeEach(async ({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
  // With "everysec" a server that is killed may lose what it answered last: another matter than these are about.
  server = await startRedisServer({ args: ["--appendfsync", "always"] });
  channels = await openTestChannels(server.url);
});
afterEach(async () => {
  await channels?.close();
  for (const stop of toStop.splice(0).reverse()) {
    await stop();
  }
  await server?.stop();
});

async function restartRedis(signal: NodeJS.Signals): Promise<void> {
  await server.end(signal);
  await server.startAgain();
  await whenReady(channels.redis, 5000);
}

/** The first tick that works, once the connection is back. */
async function tick(store: WorkerStore, free = 10) {
  const outcome = await waitUntil("it looks around", () => store.tick(free).catch(() => undefined));
  if (outcome.at === "dead") {
    throw new Error("the incarnation is dead");
  }
  return outcome;
}

async function enqueueAgain(channel: string, id: string): Promise<void> {
  await waitUntil("it is accepted", () => channels.enqueue(channel, id).catch(() => undefined));
}

async function claimOne(store: WorkerStore): Promise<OwnedChannel> {
  const [owned] = (await tick(store)).claimed;
  if (owned === undefined) {
    throw new Error("nothing was claimed");
  }
  return owned;
}

it("claims at once on a server that is new", async () => {
  const worker = await channels.worker("w1", TTL_MS);
  await channels.enqueue("ops", "p_1");
  expect(await tick(worker)).toMatchObject({ claimsWaitMs: 0, claimed: [{ channel: "ops" }] });
});

/** A worker that lives, and hears nothing of what becomes of Redis. */
async function unreachable(id: string, ttlMs: number): Promise<WorkerStore> {
  const proxy = await startTcpProxy(server.url);
  toStop.push(() => proxy.stop());
  const store = await channels.worker(id, ttlMs, { url: proxy.url });
  toStop.push(() => proxy.cut());
  await channels.enqueue("ops", "p_1");
  await claimOne(store);
  proxy.blackHole();
  return store;
}

it("holds claims back for one TTL after a restart of Redis while a worker is out of reach", async () => {
  await unreachable("w1", TTL_MS);
  const two = await channels.worker("w2", TTL_MS);
  await restartRedis("SIGKILL");
  const restartedAtMs = performance.now();
  const first = await tick(two);
  expect(first.claimed).toEqual([]);
  expect(first.claimsWaitMs).toBeGreaterThan(0);
  await enqueueAgain("other", "p_2");
  const later = await waitUntil("claims begin", async () => {
    const outcome = await tick(two);
    return outcome.claimed.length > 0 ? outcome : undefined;
  });
  expect(later.claimed[0]?.channel).toBe("other");
  // What is waited for is the end of every trust from before.
  expect(performance.now() - restartedAtMs).toBeGreaterThan(TTL_MS * 0.8);
});

it("lets owners go on over a restart of Redis, and claims once each has verified its leases", async () => {
  const held: Lease[] = [];
  const one = await channels.worker("w1", 60_000, { held: () => held });
  const two = await channels.worker("w2", 60_000);
  await channels.enqueue("ops", "p_1");
  const owned = await claimOne(one);
  held.push(owned);
  await owned.fetch();
  await restartRedis("SIGKILL");
  await runPrompt(owned, "p_1");
  expect((await channels.client.getPrompt("p_1"))?.state).toBe("completed");
  await enqueueAgain("other", "p_2");
  // Far less than the TTL.
  const claimed = await waitUntil("it claims", async () => (await tick(two)).claimed[0]);
  expect(claimed.channel).toBe("other");
  expect(await channels.redis.ttl(keys.worker("w1"))).toBeGreaterThan(30);
});

it("costs no wait when everything was restarted in order", async () => {
  const before = await channels.worker("before", TTL_MS);
  await channels.enqueue("ops", "p_1");
  await (await claimOne(before)).release();
  await before.stop();
  await restartRedis("SIGTERM");
  const after = await channels.worker("after", TTL_MS);
  expect(await tick(after)).toMatchObject({ claimsWaitMs: 0, claimed: [{ channel: "ops" }] });
});

it("begins as soon as the last incarnation from before is known to be gone", async () => {
  await unreachable("left", 60_000);
  await restartRedis("SIGKILL");
  const next = await channels.worker("next", 60_000);
  const held = await tick(next);
  expect(held.claimed).toEqual([]);
  expect(held.claimsWaitMs).toBeGreaterThan(50_000);
  // What the warden says of a worker that is gone.
  const registry = openWorkerRegistry({
    url: server.url,
    name: "warden",
    log: createLogger("test", "silent"),
  });
  toStop.push(() => registry.close());
  await registry.revoke("left");
  expect(await tick(next)).toMatchObject({ claimsWaitMs: 0, claimed: [{ channel: "ops" }] });
});

async function clientOf(url: string): Promise<Redis> {
  const redis = connectRedis({ url, name: "test" });
  toStop.push(() => redis.disconnect());
  await whenReady(redis, 5000);
  return redis;
}

/** A replica that has all of it up to now, and gets nothing more. */
async function laggingReplica(): Promise<{ replica: RedisServer; promote(): Promise<void> }> {
  const replica = await startRedisServer();
  toStop.push(() => replica.stop());
  const client = await clientOf(replica.url);
  const link = await startTcpProxy(server.url);
  toStop.push(() => link.stop());
  await client.call("REPLICAOF", "127.0.0.1", new URL(link.url).port);
  await waitUntil("it is in step", async () => {
    const [own, its] = await Promise.all([
      channels.redis.info("replication"),
      client.info("replication"),
    ]);
    const offset = /master_repl_offset:(\d+)/;
    return /master_link_status:up/.test(its) && offset.exec(own)?.[1] === offset.exec(its)?.[1];
  });
  link.blackHole();
  return {
    replica,
    async promote() {
      await server.end("SIGKILL");
      await client.call("REPLICAOF", "NO", "ONE");
    },
  };
}

it("waits a whole TTL on a promoted replica, though every incarnation that it lists is its own", async () => {
  const { replica, promote } = await laggingReplica();
  // Registered after what the replica knows.
  await channels.worker("forgotten", TTL_MS);
  await promote();
  const promoted = await openTestChannels(replica.url);
  toStop.push(() => promoted.close());
  const next = await promoted.worker("next", TTL_MS);
  await promoted.enqueue("ops", "p_1");
  const first = await tick(next);
  expect(first).toMatchObject({ claimed: [] });
  expect(first.claimsWaitMs).toBeGreaterThan(TTL_MS / 2);
  await waitUntil("claims begin", async () => (await tick(next)).claimed.length > 0);
});

it("never gives a smaller fence than before, whatever is promoted, killed or restored", async () => {
  const fences: number[] = [];
  async function claimOn(url: string, id: string): Promise<void> {
    const on = await openTestChannels(url);
    try {
      const worker = await on.worker(id, 500);
      await on.enqueue(`c-${id}`, `p_${id}`);
      const claimed = await waitUntil("it is claimed", async () => (await tick(worker)).claimed[0]);
      fences.push(Number(claimed.fence));
    } finally {
      await on.close();
    }
  }
  await claimOn(server.url, "first");
  const backup = `${server.dir}-backup`;
  await server.end();
  cpSync(server.dir, backup, { recursive: true });
  await server.startAgain();
  await whenReady(channels.redis, 5000);
  await claimOn(server.url, "after-backup");
  await server.end();
  rmSync(server.dir, { recursive: true });
  renameSync(backup, server.dir);
  await server.startAgain();
  await whenReady(channels.redis, 5000);
  await claimOn(server.url, "restored");
  const { replica, promote } = await laggingReplica();
  await claimOn(server.url, "lost");
  await promote();
  await claimOn(replica.url, "promoted");
  await replica.end("SIGKILL");
  await replica.startAgain();
  await claimOn(replica.url, "killed");
  expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
  expect(fences).toHaveLength(6);
});

it("takes its next fence from what was there before where the clock went back", async () => {
  const ahead = (Date.now() + 86_400_000) * 1000;
  await channels.redis.set(`${keys.run.slice(0, -3)}fence`, String(ahead));
  const worker = await channels.worker("w1", TTL_MS);
  await channels.enqueue("ops", "p_1");
  expect((await claimOne(worker)).fence).toBe(String(ahead + 1));
});

it("re-reads its leases on a new connection before it trusts itself any longer", async () => {
  const held: Lease[] = [];
  const ended = Promise.withResolvers<void>();
  const disowned: Lease[] = [];
  let trustedUntilMs = 0;
  const worker = await channels.worker("w1", TTL_MS, {
    held: () => held,
    onTrusted: (untilMs) => {
      trustedUntilMs = untilMs;
    },
    async onDisowned(leases) {
      disowned.push(...leases);
      await ended.promise;
      held.length = 0;
    },
  });
  await channels.enqueue("ops", "p_1");
  held.push(await claimOne(worker));
  // As a failover does that loses the claim but not the worker.
  await channels.redis.del(keys.lease("ops"));
  await channels.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await waitUntil("it is told", () => disowned.length > 0);
  expect(disowned).toMatchObject([{ channel: "ops" }]);
  // The session under the lost lease still runs: nothing is trusted beyond what was, though two renewals were due.
  const before = trustedUntilMs;
  const toldAtMs = performance.now();
  await waitUntil("renewals were due", () => performance.now() - toldAtMs > TTL_MS / 3);
  expect(trustedUntilMs).toBe(before);
  ended.resolve();
  await waitUntil("it trusts itself again", () => trustedUntilMs > before);
});

it("gives up what was claimed for it in a call whose answer was lost", async () => {
  const one = await channels.worker("w1", TTL_MS);
  await channels.enqueue("ops", "p_1");
  // The answer: lost.
  await tick(one);
  const { woken } = await tick(one);
  expect(woken).toEqual(["ops"]);
  // It holds nothing that it knows of.
  await one.verifyLeases();
  expect(await tick(one)).toMatchObject({ claimed: [{ channel: "ops" }] });
});

needsRealRedis("says which run of Redis answered", async () => {
  const worker = await channels.worker("w1", TTL_MS);
  const { runId } = await tick(worker);
  expect(await channels.redis.info("server")).toContain(`run_id:${runId}`);
  expect(await channels.redis.get(keys.worker("w1"))).toBe(runId);
});
