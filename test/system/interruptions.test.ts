import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRedis, whenReady } from "@pilotlight/redis";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let system: TestSystem;
beforeEach(async () => {
  system = await openSystem({
    config: `
[agents.demo]
set = { DEMO_CHUNK_MS = "0" }
`,
  });
});
afterEach(() => system.stop());

const needsRealRedis = it.skipIf(!inject("redisDurable"));

const redisUrl = () => `unix://${join(system.dataDir, "run", "redis.sock")}`;

async function redisPid(): Promise<number> {
  const redis = connectRedis({ url: redisUrl(), name: "pid" });
  try {
    await whenReady(redis, 5000);
    return Number(/process_id:(\d+)/.exec(await redis.info("server"))?.[1]);
  } finally {
    redis.disconnect();
  }
}

needsRealRedis(
  "says 503 in time while Redis is away, answers what it accepted, and recovers by itself",
  async () => {
    await system.ask("steady", "warm up");
    const running = await (await system.post("steady", "[[slow 6000]] long one")).json();
    const waiting = await (await system.post("steady", "next one")).json();
    const pid = await redisPid();
    process.kill(pid, "SIGSTOP");
    try {
      const sentAtMs = performance.now();
      const refused = await Promise.all([system.post("steady", "a"), system.post("other", "b")]);
      const tookMs = performance.now() - sentAtMs;
      for (const response of refused) {
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({ code: "store_unavailable" });
      }
      // The bound that callers are promised, not a measure of speed.
      expect(tookMs).toBeLessThan(5000);
      await sleep(Math.max(0, 5000 - tookMs));
    } finally {
      process.kill(pid, "SIGCONT");
    }
    const first = await system.finished((running as { id: string }).id);
    expect(first.state).toBe("completed");
    expect(first.attempts).toHaveLength(1);
    expect((await system.finished((waiting as { id: string }).id)).state).toBe("completed");
    expect((await system.ask("steady", "and now?")).session?.opened).toBe("warm");
  },
  60_000,
);

needsRealRedis("loses nothing that was accepted when Redis is killed", async () => {
  await system.ask("steady", "warm up");
  const running = await (await system.post("steady", "[[slow 2000]] long one")).json();
  const waiting = await (await system.post("steady", "next one")).json();
  process.kill(await redisPid(), "SIGKILL");
  expect((await system.finished((running as { id: string }).id)).state).toBe("completed");
  expect((await system.finished((waiting as { id: string }).id)).state).toBe("completed");
});

it("needs at most four connections to Redis per worker, however many channels it serves", async () => {
  const redis = connectRedis({ url: redisUrl(), name: "count" });
  try {
    await whenReady(redis, 5000);
    const count = async () => {
      const workers = (await (await system.fetch("/v1/workers")).json()) as {
        items: { id: string }[];
      };
      const list = String(await redis.client("LIST"));
      return list.split("\n").filter((line) => line.includes(`name=${workers.items[0]?.id}`))
        .length;
    };
    await system.ask("c0", "hello");
    const withOne = await count();
    await Promise.all(Array.from({ length: 10 }, (_, i) => system.ask(`c${i}`, "hello")));
    expect(withOne).toBeGreaterThan(0);
    expect(withOne).toBeLessThanOrEqual(4);
    expect(await count()).toBe(withOne);
  } finally {
    redis.disconnect();
  }
});
