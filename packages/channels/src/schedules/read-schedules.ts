import { type Occurrence, occurrenceSchema } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { Page } from "../channels-client.ts";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";
import { decodeSchedule, type ScheduleRecord } from "./schedule-record.ts";

export async function readSchedule(redis: Redis, id: string): Promise<ScheduleRecord | undefined> {
  return decodeSchedule(id, await redis.hgetall(keys.schedule(id)));
}

/** In the order of their ids; the cursor is the last one of the page before. */
export async function listSchedules(
  redis: Redis,
  limit: number,
  cursor?: string,
): Promise<Page<ScheduleRecord>> {
  const from = cursor === undefined ? "-" : `(${cursor}`;
  const ids = await redis.zrange(keys.schedules, from, "+", "BYLEX", "LIMIT", 0, limit);
  const pipeline = redis.pipeline();
  for (const id of ids) {
    pipeline.hgetall(keys.schedule(id));
  }
  const hashes = repliesOf(await pipeline.exec()) as Record<string, string>[];
  const items = ids.flatMap((id, index) => decodeSchedule(id, hashes[index] ?? {}) ?? []);
  const last = ids.at(-1);
  return ids.length < limit || last === undefined ? { items } : { items, nextCursor: last };
}

/** Newest first; the cursor is the due time of the last one of the page before. Undefined where there never was one. */
export async function listOccurrences(
  redis: Redis,
  id: string,
  limit: number,
  cursor?: string,
): Promise<Page<Occurrence>> {
  const before = cursor === undefined ? "+inf" : `(${cursor}`;
  const order = keys.scheduleRowOrder(id);
  const due = await redis.zrange(order, before, "-inf", "BYSCORE", "REV", "LIMIT", 0, limit);
  if (due.length === 0) {
    return { items: [] };
  }
  const rows = await redis.hmget(keys.scheduleRows(id), ...due);
  const items = due.flatMap((dueAt, index) => {
    const row = rows[index];
    return row == null
      ? []
      : [occurrenceSchema.parse({ dueAt: Number(dueAt), ...JSON.parse(row) })];
  });
  const last = due.at(-1);
  return due.length < limit || last === undefined ? { items } : { items, nextCursor: last };
}
