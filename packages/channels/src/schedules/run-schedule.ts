import { newPromptId } from "@pilotlight/contracts";
import { runScript } from "../scripts.ts";
import { complete } from "./fire-schedule.ts";
import { readSchedule } from "./read-schedules.ts";
import type { ScheduleContext } from "./schedule-context.ts";

/** Fires now, whatever the schedule says about that; undefined where there is none of this id. */
export async function runSchedule(
  context: ScheduleContext,
  id: string,
): Promise<{ readonly dueMs: number; readonly promptId: string } | undefined> {
  const record = await readSchedule(context.redis, id);
  if (record === undefined) {
    return undefined;
  }
  const promptId = newPromptId();
  const [at, due = ""] = await runScript<string[]>(context.redis, "run-schedule", [id, promptId]);
  if (at !== "ok") {
    return undefined;
  }
  await complete(context, record, Number(due), promptId);
  return { dueMs: Number(due), promptId };
}
