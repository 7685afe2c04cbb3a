import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";

/** The most by which a session is opened earlier than its lead says. */
export const MOST_SPREAD_MS = 30_000;
/** What starting an agent's process takes of a small machine. */
const APART_MS = 250;
/** Due times so close together that their sessions would be opened at one moment. */
const TOGETHER_MS = 1000;
const KEPT_AFTER_DUE_MS = 60_000;

/**
 * How much earlier than its lead says a session is opened because others are due at the same moment: one after the other
 * they are open in time, where all at once each would take as long as all together. The same for the same due time.
 */
export async function spreadMs(
  redis: Redis,
  schedule: string,
  dueMs: number,
  nowMs: number,
): Promise<number> {
  const key = keys.dueTogether(Math.floor(dueMs / TOGETHER_MS));
  const pipeline = redis.pipeline();
  pipeline.zadd(key, "NX", Math.round(nowMs), schedule);
  pipeline.pexpire(key, Math.max(0, Math.round(dueMs - nowMs)) + KEPT_AFTER_DUE_MS);
  pipeline.zrank(key, schedule);
  const [, , rank] = repliesOf(await pipeline.exec()) as (number | null)[];
  return Math.min((rank ?? 0) * APART_MS, MOST_SPREAD_MS);
}
