import { leadMs } from "./lead-ms.ts";
import type { ScheduleContext } from "./schedule-context.ts";
import type { ScheduleRecord } from "./schedule-record.ts";
import { MOST_SPREAD_MS } from "./spread-ms.ts";
import { addTimerJobs } from "./timer-jobs.ts";

/** The job is there so long ahead that whoever has it can wait for the moment itself. */
export const FIRE_AHEAD_MS = 1500;

/** What most prechecks need; a slower one makes its due time late. */
const CHECK_AHEAD_MS = 3500;

/** The jobs for a schedule's next due time: one that opens its session, one that fires. */
export async function addTimers(context: ScheduleContext, record: ScheduleRecord): Promise<void> {
  const { id: schedule, nextMs: dueMs } = record;
  if (dueMs === undefined) {
    return;
  }
  const lead = record.state === "active" ? await leadMs(context, record) : 0;
  const checkMs = record.definition.precheck === undefined ? 0 : CHECK_AHEAD_MS;
  const openMs = lead === 0 ? undefined : dueMs - lead;
  await addTimerJobs(context.base, [
    ...(openMs === undefined
      ? []
      : [
          {
            job: { kind: "warm", schedule, dueMs, atMs: openMs } as const,
            atMs: openMs - MOST_SPREAD_MS,
          },
        ]),
    { job: { kind: "fire", schedule, dueMs }, atMs: dueMs - FIRE_AHEAD_MS - checkMs },
  ]);
}
