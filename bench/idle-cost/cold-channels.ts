import type { Redis } from "ioredis";
import { TINY_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { FigureLine } from "../benchmark.ts";
import { expireNow } from "../harness/expire-now.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { settledMemory } from "../harness/settled-memory.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { useOnce, waitUntilCold } from "./use-once.ts";
import type { MeasuredPart } from "./warm-channels.ts";

const MOST_BYTES = 400;
const MAX_SESSIONS = 100;
/** Longer than two rounds of the sweep. */
const SWEEP_MS = 150_000;

/**
 * What channels cost that were used once and went cold: with their event log, with their prompt kept,
 * and past retention. The clock is moved on by expiring what has a TTL.
 */
export async function coldChannels(
  count: number,
  progress: (line: string) => void,
): Promise<MeasuredPart> {
  const server = await startPrivateRedis();
  const product = await startProduct({
    redisUrl: server.url,
    agent: TINY_AGENT,
    maxSessions: MAX_SESSIONS,
    keepAliveSecs: 1,
  });
  const redis = server.observer;
  try {
    const violations = await useOnce(product, ["first"]);
    await waitUntilCold(product);
    await letEverythingExpire(redis);
    const before = await settledMemory(redis);
    const channels = Array.from({ length: count }, (_, i) => `channel-${i}`);
    for (let done = 0; done < count; done += 1000) {
      violations.push(...(await useOnce(product, channels.slice(done, done + 1000))));
      progress(`${Math.min(count, done + 1000)} of ${count} channels used`);
    }
    await waitUntilCold(product);
    const cold = await settledMemory(redis);
    await expireNow(redis, isEventLog);
    const kept = await settledMemory(redis);
    await letEverythingExpire(redis);
    const left = await settledMemory(redis);
    const line = (what: string, bytes: number, atMost?: number): FigureLine => ({
      what,
      arm: product.name,
      value: Math.round(bytes / count),
      unit: "B",
      ...(atMost === undefined ? {} : { atMost }),
    });
    return {
      violations,
      redis: server.engine,
      figures: [
        line("Redis memory of a channel used once", left - before, MOST_BYTES),
        line("Redis memory of a kept prompt", kept - left),
        line("Redis memory of an event log, for 10 minutes", cold - kept),
      ],
    };
  } finally {
    await product.stop();
    await server.stop();
  }
}

function isEventLog(key: string): boolean {
  return key.startsWith("{pl}:ev:");
}

/** Workers and what they show live on: they are not what retention is about. */
async function letEverythingExpire(redis: Redis): Promise<void> {
  await expireNow(redis, (key) => !/^\{pl\}:(worker|live|lease):/.test(key));
  const indexIsEmpty = async () => (await redis.zcard("{pl}:ix:completed")) === 0;
  await waitUntil("the sweep empties the index of prompts", indexIsEmpty, SWEEP_MS);
}
