import { type RedisCluster, startRedisCluster, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let cluster: RedisCluster;
let system: TestSystem;
beforeEach(async ({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
  cluster = await startRedisCluster("{pl}");
  system = await openSystem({
    env: { REDIS_URL: cluster.url },
    config: "[workers]\nlease_ttl_secs = 3\n",
  });
});
afterEach(async () => {
  await system?.stop();
  await cluster?.stop();
});

it("runs on a cluster, and goes on when the node of its keys is killed", async () => {
  expect((await system.ask("ops", "hello")).state).toBe("completed");
  expect((await system.ask("ops", "again")).session?.opened).toBe("warm");
  expect((await system.fetch("/board/api/queues?activeQueue=")).status).toBeLessThan(500);
  const running = await system.send("ops", { prompt: "[[slow 6000]] long one" });
  await (await cluster.servingNode("{pl}")).end("SIGKILL");
  await waitUntil("it serves again", async () => (await system.fetch("/readyz")).ok, 30_000);
  expect((await system.finished(running)).state).toBe("completed");
  expect((await system.ask("other", "and now?")).state).toBe("completed");
}, 90_000);
