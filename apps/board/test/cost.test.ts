import { connectRedis, type EmbeddedRedis, type Redis, whenReady } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestBoard, type TestBoard } from "./support/start-test-board.ts";
import { startTestWorker, type TestWorker } from "./support/start-test-worker.ts";

const USED = 1000;
const AT_ONCE = 100;
const WARM = 30;
const BLOCKED = 7;
const VIEWS = 6;

let server: EmbeddedRedis;
let redis: Redis;
let board: TestBoard;
let worker: TestWorker;

beforeAll(async () => {
  server = await startTestServer();
  redis = connectRedis({ url: server.url, name: "test" });
  await whenReady(redis, 5000);
  worker = await startTestWorker(server.url, "host-1-w");
  for (let done = 0; done < USED; done += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, i) => done + i);
    await Promise.all(some.map((i) => worker.enqueue(`c${i}`, `prompt ${i}`)));
  }
  const owned = await worker.claim();
  await Promise.all(
    owned.map(async (one, i) => {
      const id = await worker.begin(one);
      await worker.finish(one, id, "completed", "done");
      if (i >= WARM) {
        await one.release();
      }
    }),
  );
  board = await startTestBoard(server.url);
}, 60_000);

afterAll(async () => {
  await board?.stop();
  await worker?.stop();
  redis?.disconnect();
  await server?.stop();
});

/** How often each command ran since the statistics were last reset, scripts and bookkeeping of this test aside. */
async function commandCounts(): Promise<Record<string, number>> {
  const info = await redis.info("commandstats");
  const counts = [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(
    ([, name, calls]) => [String(name), Number(calls)] as const,
  );
  return Object.fromEntries(
    counts.filter(([name]) => !/^(info|config|client|hello|keys|save|bgsave)/.test(name)),
  );
}

/** The names of all keys, and how many changes Redis has ever made to them. */
async function dataset(): Promise<unknown> {
  const names = (await redis.keys("*")).sort();
  const persistence = await redis.info("persistence");
  return { names, changes: /rdb_changes_since_last_save:(\d+)/.exec(persistence)?.[1] };
}

test("a poll asks Redis about the 30 warm channels of 1,000 used ones, and nothing per cold channel", async () => {
  await redis.config("RESETSTAT");
  const { queues } = await board.api("/queues");
  const counts = await commandCounts();
  expect(queues).toHaveLength(WARM + VIEWS);
  // Two lists and two sets per warm channel; the rest is fixed: workers, live records, indexes by state, blocks,
  // questions, schedules.
  expect(counts).toEqual({
    hgetall: 2,
    exists: 1,
    hkeys: 1,
    smembers: 1,
    zrange: 3,
    llen: 2 * WARM,
    zcard: 2 * WARM + 11,
  });
});

test("a blocked channel costs its own record and counts, and no other cold one costs anything", async () => {
  for (let i = 0; i < BLOCKED; i += 1) {
    await worker.enqueue(`c${USED - 1 - i}`, "once more");
  }
  for (const one of await worker.claim()) {
    await worker.rest(one, "it exited with code 3");
  }
  await waitUntil("the board shows them", async () => {
    await redis.config("RESETSTAT");
    const { queues } = await board.api("/queues");
    return queues.length === WARM + BLOCKED + VIEWS;
  });
  const counts = await commandCounts();
  expect(counts).toMatchObject({
    hget: BLOCKED,
    zrange: 3,
    llen: 2 * (WARM + BLOCKED),
    zcard: 2 * (WARM + BLOCKED) + 11,
  });
  await worker.schedule("standup", { channel: "c0", prompt: "What is due?", everySecs: 3600 });
});

test("looking at everything changes nothing in Redis", async () => {
  // From here on the count of changes only grows.
  await redis.config("SET", "save", "");
  const before = await dataset();
  await redis.config("RESETSTAT");
  const { queues } = await board.api("/queues");
  for (const { name } of queues.slice(0, 10)) {
    const encoded = encodeURIComponent(name);
    for (const status of ["latest", "active", "waiting", "completed", "failed", "delayed"]) {
      await board.api(`/queues?activeQueue=${encoded}&status=${status}`);
    }
    const shown = await board.api(`/queues?activeQueue=${encoded}`);
    const open = shown.queues.find((queue: { name: string }) => queue.name === name);
    for (const { id } of open.jobs.slice(0, 2)) {
      const job = `/queues/${encoded}/${encodeURIComponent(id)}`;
      expect((await board.api(job)).job.id).toBe(id);
      await board.api(`${job}/logs`);
      await board.api(`${job}/flow`);
    }
    for (const rest of ["metrics", "workers", "rate-limit", "default-job-options"]) {
      await board.api(`/queues/${encoded}/${rest}`);
    }
  }
  await board.api("/job-schedulers");
  expect(await dataset()).toEqual(before);
  const used = Object.keys(await commandCounts());
  const reads =
    /^(ping|hget|hgetall|hmget|hkeys|exists|smembers|zrange|zcard|zscore|llen|lrange|lpos|xrange)$/;
  expect(used.filter((command) => !reads.test(command))).toEqual([]);
});
