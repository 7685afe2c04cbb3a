import { startTestServer } from "@pilotlight/testkit";
import { expect, onTestFinished } from "vitest";
import { checkServer } from "../src/check-server.ts";
import { connected } from "./connected.ts";
import { needsRealRedis } from "./needs-real-redis.ts";

async function ownServer() {
  const server = await startTestServer();
  onTestFinished(() => server.stop());
  return { server, redis: await connected(server.url) };
}

needsRealRedis("has nothing against the embedded server", async () => {
  const { server, redis } = await ownServer();
  const report = await checkServer(redis);
  expect(report).toMatchObject({ faults: [], warnings: [] });
  expect(server.engine).toContain(report.version);
  expect(report.runId).toMatch(/^[0-9a-f]{40}$/);
});

needsRealRedis("refuses a server that would evict prompts, and says how to mend it", async () => {
  const { redis } = await ownServer();
  await redis.config("SET", "maxmemory-policy", "allkeys-lru");
  const { faults } = await checkServer(redis);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(/allkeys-lru.*noeviction/);
});

needsRealRedis("warns where a crash of the server would lose prompts", async () => {
  const { redis } = await ownServer();
  await redis.config("SET", "appendonly", "no");
  expect(await checkServer(redis)).toMatchObject({
    faults: [],
    warnings: [expect.stringMatching(/AOF is off/)],
  });
});

needsRealRedis("refuses a replica", async () => {
  const { redis } = await ownServer();
  await redis.call("REPLICAOF", "127.0.0.1", "1");
  expect((await checkServer(redis)).faults).toEqual([expect.stringMatching(/is a replica/)]);
});

needsRealRedis("does without CONFIG, and says so where it may not look at all", async () => {
  const { server, redis } = await ownServer();
  await redis.call("ACL", "SETUSER", "managed", "on", ">pw", "~*", "&*", "+@all", "-config");
  await redis.call("ACL", "SETUSER", "blind", "on", ">pw", "~*", "&*", "+@all", "-info");
  const managed = await connected(server.url);
  await managed.auth("managed", "pw");
  expect((await checkServer(managed)).faults).toEqual([]);
  const blind = await connected(server.url);
  await blind.auth("blind", "pw");
  expect((await checkServer(blind)).faults).toEqual([expect.stringMatching(/cannot be looked at/)]);
});
