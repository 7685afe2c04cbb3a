import { createHash } from "node:crypto";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { expect, inject, it, onTestFinished } from "vitest";
import type { Redis } from "../src/connect-redis.ts";
import { defineScripts, loadScripts } from "../src/define-scripts.ts";
import { connected } from "./connected.ts";
import { needsRealRedis } from "./needs-real-redis.ts";

const script = { name: "pl:test", lua: "return ARGV[1]", keys: 0 };
const others = "return 'of somebody else'";
const shaOf = (lua: string) => createHash("sha1").update(lua).digest("hex");

/** Both inside one MULTI, where a missing script fails alone. */
async function answers(redis: Redis): Promise<unknown[]> {
  const replies = await redis
    .multi()
    .evalsha(shaOf(script.lua), 0, "there")
    .evalsha(shaOf(others), 0)
    .exec();
  return (replies ?? []).map(([, reply]) => reply);
}

it("loads every script that the client knows, before it resolves", async () => {
  const redis = await connected(inject("redisUrl"));
  redis.defineCommand("others", { lua: others, numberOfKeys: 0 });
  await defineScripts(redis, [script]);
  expect(await answers(redis)).toEqual(["there", "of somebody else"]);
});

needsRealRedis("has them loaded again on a server that has forgotten them", async () => {
  const server = await startTestServer();
  onTestFinished(() => server.stop());
  const redis = await connected(server.url);
  await defineScripts(redis, [script]);
  // Defined after ours, as BullMQ does at its first queue.
  redis.defineCommand("others", { lua: others, numberOfKeys: 0 });
  const before = server.pid;
  process.kill(before, "SIGKILL");
  await waitUntil("another server runs", () => server.pid !== before);
  await waitUntil("the client is back", () => redis.ping().catch(() => false));
  expect(await answers(redis)).toEqual(["there", "of somebody else"]);
});

needsRealRedis("loads them again on demand after SCRIPT FLUSH", async () => {
  const server = await startTestServer();
  onTestFinished(() => server.stop());
  const redis = await connected(server.url);
  redis.defineCommand("others", { lua: others, numberOfKeys: 0 });
  await defineScripts(redis, [script]);
  await redis.script("FLUSH");
  expect(await answers(redis)).toEqual([undefined, undefined]);
  await loadScripts(redis);
  expect(await answers(redis)).toEqual(["there", "of somebody else"]);
});
