import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import { type RedisServer, startRedisServer, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

const LEASE_TTL_MS = 3000;

let server: RedisServer;
let redis: Redis;
let system: TestSystem;
let ledgers: string;
beforeEach(async ({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
  server = await startRedisServer();
  redis = connectRedis({ url: server.url, name: "test" });
  await whenReady(redis, 5000);
  ledgers = mkdtempSync(join(tmpdir(), "pilotlight-ledger-"));
  system = await openSystem({
    env: { REDIS_URL: server.url, PILOTLIGHT_LOG_LEVEL: "info" },
    config: `
[acp]
permissions = "approve-all"
[workers]
lease_ttl_secs = ${LEASE_TTL_MS / 1000}
[agents.demo]
set = { DEMO_CHUNK_MS = "0", DEMO_LEDGER_DIR = "${ledgers}" }
`,
  });
});
afterEach(async () => {
  await system?.stop();
  redis?.disconnect();
  await server?.stop();
  rmSync(ledgers, { recursive: true, force: true });
});

const ledger = (name: string) => {
  try {
    return readFileSync(join(ledgers, name), "utf8").trim().split("\n");
  } catch {
    return [];
  }
};

const linesOf = (output: string) => output.split("\n").length;

it("accepts nothing while Redis is full, and finishes what ran, once, when there is room", async () => {
  await system.ask("ops", "warm up");
  const running = await system.send("ops", { prompt: "[[slow 1500]] [[ledger ran one]] first" });
  const waiting = await system.send("ops", { prompt: "[[ledger ran two]] second" });
  await waitUntil("it runs", async () => (await system.prompt(running)).state === "running");
  await redis.config("SET", "maxmemory", "1mb");
  const fullAtMs = performance.now();
  const before = linesOf(system.output());
  for (const channel of ["ops", "other"]) {
    const response = await system.post(channel, "no room");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "store_unavailable", outcome: "none" });
  }
  // The turn ends meanwhile, and the lease would have, were it not renewed.
  await waitUntil("its agent has done its part", () => ledger("ran").length === 1);
  await sleep(2 * LEASE_TTL_MS);
  const secs = (performance.now() - fullAtMs) / 1000;
  expect((linesOf(system.output()) - before) / secs).toBeLessThan(10);
  expect(await system.prompt(running)).toMatchObject({ state: "running" });
  await redis.config("SET", "maxmemory", "0");
  const first = await system.finished(running);
  expect(first).toMatchObject({ state: "completed", attempts: [{}] });
  expect(await system.finished(waiting)).toMatchObject({ state: "completed", attempts: [{}] });
  expect(ledger("ran")).toHaveLength(2);
});

it("recovers by itself when Redis was silent for longer than any lease lives", async () => {
  await system.ask("ops", "warm up");
  const running = await system.send("ops", { prompt: "[[slow 8000]] long one" });
  const waiting = await Promise.all(
    ["ops", "a", "b"].map((channel) => system.send(channel, { prompt: "[[ledger ran x]] after" })),
  );
  await waitUntil("it runs", async () => (await system.prompt(running)).state === "running");
  const [before] = await system.workerPids();
  const lines = linesOf(system.output());
  const stoppedAtMs = performance.now();
  server.signal("SIGSTOP");
  await sleep(4 * LEASE_TTL_MS);
  const secs = (performance.now() - stoppedAtMs) / 1000;
  expect((linesOf(system.output()) - lines) / secs).toBeLessThan(10);
  server.signal("SIGCONT");
  for (const id of waiting) {
    expect((await system.finished(id)).state).toBe("completed");
  }
  const cut = await system.finished(running);
  expect(cut.attempts?.[0]).toMatchObject({ outcome: "interrupted" });
  expect(ledger("ran")).toHaveLength(3);
  const [after] = await system.workerPids();
  expect(after).not.toBe(before);
  expect((await system.ask("ops", "and now?")).state).toBe("completed");
}, 120_000);
