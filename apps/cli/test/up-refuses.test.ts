import { once } from "node:events";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { newApiKey } from "@pilotlight/contracts";
import { connectRedis, whenReady } from "@pilotlight/redis";
import { startTestServer } from "@pilotlight/testkit";
import { expect, inject, it, onTestFinished } from "vitest";
import { runCli, testDir } from "./run-cli.ts";

const lines = (text: string) => text.trim().split("\n");

it("says every fault of the configuration, one per line", async () => {
  const dir = testDir();
  writeFileSync(
    join(dir, "pilotlight.toml"),
    '[http]\nport = "x"\n[acp]\nagnet = "demo"\n[workers]\ncount = -1\n',
  );
  const { code, stdout, stderr } = await runCli(["up", "--config", join(dir, "pilotlight.toml")]);
  expect(code).toBe(78);
  expect(stdout).toBe("");
  expect(lines(stderr)).toHaveLength(3);
  expect(stderr).toMatch(/http\.port/);
  expect(stderr).toMatch(/acp\.agnet: is not a known setting/);
  expect(stderr).toMatch(/workers\.count/);
});

it("names the port that is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const address = other.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const dataDir = testDir();
  const { code, stderr } = await runCli(["up", "--port", String(port), "--data-dir", dataDir]);
  expect(code).toBe(78);
  expect(lines(stderr)).toEqual([expect.stringContaining(`port ${port} on 127.0.0.1 is taken`)]);
  expect(existsSync(join(dataDir, "lock"))).toBe(false);
});

it("says which Redis cannot be reached", async () => {
  const { code, stderr } = await runCli(["up", "--port", "0", "--data-dir", testDir()], {
    REDIS_URL: "redis://:hunter2@127.0.0.1:1",
  });
  expect(code).toBe(69);
  expect(lines(stderr)).toEqual([
    expect.stringMatching(/Redis at 127\.0\.0\.1:1 was not reached .* nothing listens there/),
  ]);
  expect(stderr).not.toContain("hunter2");
});

it.skipIf(!inject("redisDurable"))("refuses a Redis that would evict prompts", async () => {
  const server = await startTestServer();
  onTestFinished(() => server.stop());
  const redis = connectRedis({ url: server.url, name: "test" });
  onTestFinished(() => redis.disconnect());
  await whenReady(redis, 5000);
  await redis.config("SET", "maxmemory-policy", "allkeys-lru");
  const { code, stderr } = await runCli(["up", "--port", "0", "--data-dir", testDir()], {
    REDIS_URL: server.url,
  });
  expect(code).toBe(78);
  expect(lines(stderr)).toEqual([expect.stringMatching(/maxmemory-policy is "allkeys-lru"/)]);
});

it("refuses a key that others can read, and one that is none", async () => {
  const dataDir = testDir();
  const keyFile = join(dataDir, "api-key");
  writeFileSync(keyFile, newApiKey());
  chmodSync(keyFile, 0o644);
  const readable = await runCli(["up", "--port", "0", "--data-dir", dataDir]);
  expect(readable.code).toBe(78);
  expect(readable.stderr).toContain(`chmod 600 ${keyFile}`);
  chmodSync(keyFile, 0o600);
  writeFileSync(keyFile, "no key");
  const none = await runCli(["up", "--port", "0", "--data-dir", dataDir]);
  expect(none.code).toBe(78);
  expect(none.stderr).toContain("holds none");
  expect(none.stderr).not.toContain("no key");
});

it("takes wrong usage for what it is", async () => {
  expect((await runCli(["up", "--port", "many"])).code).toBe(64);
  expect((await runCli(["launch"])).code).toBe(64);
  expect((await runCli(["--help"])).code).toBe(0);
});
