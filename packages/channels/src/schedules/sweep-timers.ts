import { keys } from "../keys.ts";
import { addTimers } from "./add-timers.ts";
import { completeLeft } from "./fire-schedule.ts";
import { readSchedule } from "./read-schedules.ts";
import type { ScheduleContext } from "./schedule-context.ts";

/** Due times so near that their jobs must be there by now. */
const LOOK_AHEAD_MS = 15 * 60_000;
const MOST_LOOKED_AT = 500;
/** Whoever has its job sees to it before. */
const OVERDUE_AFTER_MS = 1000;
/** Whoever fires needs a fraction of it. */
const LEFT_AFTER_MS = 5000;
/** Among all workers one look is enough. */
const SWEEP_EVERY_MS = 110_000;

/**
 * Gives near due times their jobs again where those were lost, and completes what was begun and left.
 *
 * @returns what should have been seen to by now: BullMQ serves its jobs by the clocks of processes, and those may be
 * behind.
 */
export async function sweepTimers(
  context: ScheduleContext,
  nowMs: number,
): Promise<readonly { readonly schedule: string; readonly dueMs: number }[]> {
  const { redis } = context;
  if ((await redis.set(keys.timerSweep, "1", "PX", SWEEP_EVERY_MS, "NX")) !== "OK") {
    return [];
  }
  const overdue: { schedule: string; dueMs: number }[] = [];
  const near = String(nowMs + LOOK_AHEAD_MS);
  for (const id of await redis.zrange(
    keys.due,
    "-inf",
    near,
    "BYSCORE",
    "LIMIT",
    0,
    MOST_LOOKED_AT,
  )) {
    const record = await readSchedule(redis, id);
    if (record === undefined) {
      await redis.zrem(keys.due, id);
    } else {
      await addTimers(context, record);
      if (record.nextMs !== undefined && record.nextMs < nowMs - OVERDUE_AFTER_MS) {
        overdue.push({ schedule: id, dueMs: record.nextMs });
      }
    }
  }
  const left = String(nowMs - LEFT_AFTER_MS);
  for (const one of await redis.zrange(
    keys.firing,
    "-inf",
    left,
    "BYSCORE",
    "LIMIT",
    0,
    MOST_LOOKED_AT,
  )) {
    await completeLeft(context, one);
  }
  return overdue;
}
