import { type RedisServer, startRedisServer, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { runPrompt, updateEvent } from "./run-prompt.ts";

const TTL_MS = 2000;

let server: RedisServer;
let channels: TestChannels;
beforeEach(async ({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
  server = await startRedisServer();
  channels = await openTestChannels(server.url);
});
afterEach(async () => {
  await channels?.close();
  await server?.stop();
});

/** Full: not even what is there already would fit. */
const fill = () => channels.redis.config("SET", "maxmemory", "1mb");
const free = () => channels.redis.config("SET", "maxmemory", "0");

/** Scripts run so far. */
async function scriptCalls(): Promise<number> {
  const stats = await channels.redis.info("commandstats");
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

it("accepts nothing, keeps what runs, and finishes it once when there is room again", async () => {
  let trustedUntilMs = 0;
  const one = await channels.worker("w1", TTL_MS, {
    onTrusted: (untilMs) => {
      trustedUntilMs = untilMs;
    },
  });
  const two = await channels.worker("w2", TTL_MS);
  await channels.enqueue("ops", "p_1");
  const [owned] = await channels.claim(one);
  await owned?.fetch();
  if (owned === undefined) {
    throw new Error("nothing was claimed");
  }
  await fill();

  await expect(channels.enqueue("ops", "p_2")).rejects.toMatchObject({
    code: "STORE_UNAVAILABLE",
    outcome: "none",
  });
  expect(await channels.client.getPrompt("p_2")).toBeUndefined();
  expect((await channels.client.getPrompt("p_1"))?.state).toBe("accepted");

  const before = await scriptCalls();
  const startedAtMs = performance.now();
  let ended = false;
  const running = runPrompt(owned, "p_1", [updateEvent("p_1", 1)]).then(() => {
    ended = true;
  });
  await waitUntil(
    "its lease was renewed for two TTLs",
    () => trustedUntilMs > startedAtMs + 3 * TTL_MS,
  );
  expect(ended).toBe(false);
  // The one write that waits for room asks about once a second.
  expect((await scriptCalls()) - before).toBeLessThan(12);
  expect(await channels.claim(two)).toEqual([]);

  await free();
  await running;
  const prompt = await channels.client.getPrompt("p_1");
  expect(prompt).toMatchObject({ state: "completed", attempts: [{ worker: "w1" }] });
  expect(await channels.enqueue("ops", "p_2")).toMatchObject({ at: "accepted" });
});
