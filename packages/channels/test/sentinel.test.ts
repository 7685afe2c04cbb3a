import { checkServer, connectRedis, whenReady } from "@pilotlight/redis";
import { startRedisServer, startSentinel, waitUntil } from "@pilotlight/testkit";
import { expect, inject, it, onTestFinished } from "vitest";
import type { WorkerStore } from "../src/ownership/worker-store.ts";
import { openTestChannels } from "./open-test-channels.ts";
import { runPrompt } from "./run-prompt.ts";

const needsRealRedis = it.skipIf(!inject("redisDurable"));

async function claimOne(store: WorkerStore) {
  return await waitUntil("it claims", async () => {
    const outcome = await store.tick(10).catch(() => undefined);
    return outcome?.at === "ok" ? outcome.claimed[0] : undefined;
  });
}

needsRealRedis(
  "follows the sentinels to the new primary when the old one is killed",
  async () => {
    const [primary, replica] = await Promise.all([startRedisServer(), startRedisServer()]);
    onTestFinished(async () => {
      await Promise.all([primary.stop(), replica.stop()]);
    });
    const onReplica = connectRedis({ url: replica.url, name: "test" });
    onTestFinished(() => onReplica.disconnect());
    await whenReady(onReplica, 5000);
    await onReplica.call("REPLICAOF", "127.0.0.1", String(primary.port));
    const sentinel = await startSentinel(primary);
    onTestFinished(() => sentinel.stop());
    const channels = await openTestChannels(sentinel.url);
    onTestFinished(() => channels.close());
    expect((await checkServer(channels.redis)).faults).toEqual([]);

    const worker = await channels.worker("w1", 4000);
    await channels.enqueue("ops", "p_1");
    const before = await claimOne(worker);
    await waitUntil("the replica has it, and the sentinel knows of the replica", async () => {
      const known = await onReplica.exists("{pl}:p:p_1");
      const asked = connectRedis({
        url: sentinel.url.replace(/^redis\+sentinel(.*)\/main$/, "redis$1"),
        name: "test",
      });
      try {
        await whenReady(asked, 5000);
        const replicas = (await asked.call("SENTINEL", "REPLICAS", "main")) as unknown[];
        return known === 1 && replicas.length === 1;
      } finally {
        asked.disconnect();
      }
    });
    await primary.end("SIGKILL");
    await waitUntil(
      "it accepts again",
      () => channels.enqueue("ops", "p_2").catch(() => undefined),
      30_000,
    );
    await worker.stop();
    const next = await channels.worker("w2", 4000);
    const after = await claimOne(next);
    expect(Number(after.fence)).toBeGreaterThan(Number(before.fence));
    expect(await after.fetch()).toBe("p_1");
    expect(await runPrompt(after, "p_1")).toBe("p_2");
    expect(await onReplica.hget("{pl}:p:p_1", "st")).toBe("completed");
  },
  90_000,
);
