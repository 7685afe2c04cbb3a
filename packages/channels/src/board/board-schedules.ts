import type { ScheduleView } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";
import { decodeSchedule, viewOf } from "../schedules/schedule-record.ts";

/** Schedules by whether they have a due time ahead. A paused one has. */
export interface ScheduleCounts {
  readonly due: number;
  readonly finished: number;
}

/** Finished schedules are looked for among so many. */
const MOST_LOOKED_AT = 1000;

export async function countSchedules(redis: Redis): Promise<ScheduleCounts> {
  const [all, due] = await Promise.all([redis.zcard(keys.schedules), redis.zcard(keys.due)]);
  return { due, finished: Math.max(0, all - due) };
}

/** The next one due first, by position. */
export async function dueSchedules(
  redis: Redis,
  start: number,
  count: number,
): Promise<ScheduleView[]> {
  return await readAll(redis, await redis.zrange(keys.due, start, String(start + count - 1)));
}

/** By their ids, by position. */
export async function finishedSchedules(
  redis: Redis,
  start: number,
  count: number,
): Promise<ScheduleView[]> {
  const ids = await redis.zrange(keys.schedules, 0, String(MOST_LOOKED_AT - 1));
  if (ids.length === 0) {
    return [];
  }
  const pipeline = redis.pipeline();
  for (const id of ids) {
    pipeline.zscore(keys.due, id);
  }
  const due = repliesOf(await pipeline.exec());
  const finished = ids.filter((_, index) => due[index] === null);
  return await readAll(redis, finished.slice(start, start + count));
}

async function readAll(redis: Redis, ids: readonly string[]): Promise<ScheduleView[]> {
  if (ids.length === 0) {
    return [];
  }
  const pipeline = redis.pipeline();
  for (const id of ids) {
    pipeline.hgetall(keys.schedule(id));
  }
  const hashes = repliesOf(await pipeline.exec()) as Record<string, string>[];
  return ids.flatMap((id, index) => {
    const record = decodeSchedule(id, hashes[index] ?? {});
    return record === undefined ? [] : [viewOf(record)];
  });
}
