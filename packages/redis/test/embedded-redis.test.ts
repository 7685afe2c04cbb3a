import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { checkServer } from "../src/check-server.ts";
import { connectRedis } from "../src/connect-redis.ts";
import { defineScripts } from "../src/define-scripts.ts";
import { lockDataDir } from "../src/embedded/lock-data-dir.ts";
import { startEmbeddedRedis } from "../src/embedded/start-embedded-redis.ts";
import { whenReady } from "../src/when-ready.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pilotlight-redis-test-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const needsRealRedis = it.skipIf(!inject("redisDurable"));

needsRealRedis("comes back with its data, at the same address, when it is killed", async () => {
  const server = await startTestServer();
  const redis = connectRedis({ url: server.url, name: "test" });
  try {
    await whenReady(redis, 5000);
    await redis.set("kept", "yes");
    const before = server.pid;
    process.kill(before, "SIGKILL");
    await waitUntil("another server runs", () => server.pid !== before);
    await waitUntil(
      "the client is back",
      async () => (await redis.get("kept").catch(() => "")) === "yes",
    );
  } finally {
    redis.disconnect();
    await server.stop();
  }
});

needsRealRedis("refuses a server that would evict prompts, and says how to mend it", async () => {
  const server = await startTestServer();
  const redis = connectRedis({ url: server.url, name: "test" });
  try {
    await whenReady(redis, 5000);
    expect((await checkServer(redis)).faults).toEqual([]);
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    const { faults } = await checkServer(redis);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/allkeys-lru.*noeviction/);
    await redis.config("SET", "appendonly", "no");
    expect((await checkServer(redis)).warnings[0]).toMatch(/AOF is off/);
  } finally {
    redis.disconnect();
    await server.stop();
  }
});

it("says why a server cannot be reached", async () => {
  const redis = connectRedis({ url: "redis://127.0.0.1:1", name: "test" });
  try {
    await expect(whenReady(redis, 300)).rejects.toThrow(/nothing listens there/);
  } finally {
    redis.disconnect();
  }
});

it("uses the in-memory server, marked as not durable, where there is no other", async () => {
  const server = await startEmbeddedRedis({
    dataDir: dir,
    fsync: "everysec",
    searchPath: "",
    fetch: false,
  });
  const redis = connectRedis({ url: server.url, name: "test" });
  try {
    expect(server.durable).toBe(false);
    await whenReady(redis, 5000);
    await redis.set("a", "1");
    expect(await redis.get("a")).toBe("1");
  } finally {
    redis.disconnect();
    await server.stop();
  }
});

needsRealRedis(
  "has its scripts loaded again after a restart of the server, inside a MULTI too",
  async () => {
    const server = await startTestServer();
    const redis = connectRedis({ url: server.url, name: "test" });
    try {
      await whenReady(redis, 5000);
      await defineScripts(redis, [{ name: "pl:test", lua: "return ARGV[1]", keys: 0 }]);
      const before = server.pid;
      process.kill(before, "SIGKILL");
      await waitUntil("another server runs", () => server.pid !== before);
      await waitUntil("the client is back", () => redis.ping().catch(() => false));
      const sha = createHash("sha1").update("return ARGV[1]").digest("hex");
      await waitUntil("the script is loaded", async () => {
        const replies = await redis.multi().set("a", "1").evalsha(sha, 0, "there").exec();
        return replies?.[1]?.[1] === "there";
      });
    } finally {
      redis.disconnect();
      await server.stop();
    }
  },
);

it("locks a data directory for one process, and takes over the lock of one that is gone", async () => {
  const lock = await lockDataDir(dir);
  // Process 1 lives, so a lock in its name with its start time holds.
  writeFileSync(join(dir, "lock"), JSON.stringify({ pid: 1, ticks: startTicksOf(1) }));
  await expect(lockDataDir(dir)).rejects.toThrow(/in use by process 1/);
  // The same pid with another start time is another process: that lock is stale.
  writeFileSync(join(dir, "lock"), JSON.stringify({ pid: 1, ticks: "7" }));
  await expect(lockDataDir(dir)).resolves.toBeDefined();
  lock.release();
});

function startTicksOf(pid: number): string | undefined {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
