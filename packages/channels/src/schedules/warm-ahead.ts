import { runScript } from "../scripts.ts";
import { prepareFiring } from "./fire-schedule.ts";
import { readSchedule } from "./read-schedules.ts";
import type { ScheduleContext } from "./schedule-context.ts";

/** A session that was opened ahead is kept so long past its due time, should the prompt be late. */
const KEPT_AFTER_DUE_MS = 60_000;

/** Wishes that the session be opened for a due time, where something will fire then. */
export async function warmAhead(
  context: ScheduleContext,
  id: string,
  dueMs: number,
): Promise<void> {
  const record = await readSchedule(context.redis, id);
  if (record?.nextMs !== dueMs) {
    return;
  }
  const fires = prepareFiring(record, dueMs)?.plan.due.some(({ at }) => at === "fire") ?? false;
  if (fires) {
    const keptUntilMs = dueMs + KEPT_AFTER_DUE_MS;
    const { channel } = record.definition;
    await runScript(context.redis, "warm-schedule", [id, dueMs, channel, keptUntilMs]);
  }
}
