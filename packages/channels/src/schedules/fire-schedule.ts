import { derivePromptId, type SkipReason } from "@pilotlight/contracts";
import { type DuePlan, type PlannedDue, planDue } from "@pilotlight/schedules";
import { keys } from "../keys.ts";
import { cancelPrompt } from "../prompts/cancel-prompt.ts";
import { enqueuePrompt } from "../prompts/enqueue-prompt.ts";
import { runScript } from "../scripts.ts";
import { addTimers } from "./add-timers.ts";
import { readSchedule } from "./read-schedules.ts";
import type { ScheduleContext } from "./schedule-context.ts";
import { calendarOfRecord, type ScheduleRecord } from "./schedule-record.ts";

/** What is to be written at a due time, made ready before it. */
export interface PreparedFiring {
  readonly record: ScheduleRecord;
  readonly plan: DuePlan;
}

export type FiringOutcome =
  /** What was due by then has its rows, and what fires is in its queue. */
  | { readonly at: "done" }
  /** Somebody else saw to it, or the schedule is another one by now: to be prepared again. */
  | { readonly at: "moved" }
  | { readonly at: "early"; readonly leftMs: number };

/** Undefined where nothing is due by that moment. `objection`: why a precheck lets nothing fire. */
export function prepareFiring(
  record: ScheduleRecord,
  nowMs: number,
  objection?: string,
): PreparedFiring | undefined {
  if (record.nextMs === undefined || record.nextMs > nowMs) {
    return undefined;
  }
  const plan = planDue({
    calendar: calendarOfRecord(record),
    policy: record.definition,
    paused: record.state === "paused",
    firstMs: record.nextMs,
    nowMs,
  });
  if (objection === undefined) {
    return { record, plan };
  }
  const due = plan.due.map(
    (one): PlannedDue =>
      one.at === "fire"
        ? { dueMs: one.dueMs, at: "skip", reason: "precheck", detail: objection }
        : one,
  );
  return { record, plan: { ...plan, due } };
}

/**
 * Writes the rows, enqueues what fires and sees to what is due next. Cut off anywhere, it can be done again: rows and
 * prompts are there once.
 */
export async function fire(
  context: ScheduleContext,
  { record, plan }: PreparedFiring,
): Promise<FiringOutcome> {
  const { redis } = context;
  const { id, definition } = record;
  const [at, ...rest] = await runScript<[string, ...(string | string[])[]]>(
    redis,
    "advance-schedule",
    [
      id,
      record.version,
      record.state,
      record.nextMs ?? "",
      plan.nextMs ?? "",
      definition.overlap,
      definition.maxRuns ?? "",
      ...plan.due.flatMap((due) =>
        due.at === "fire"
          ? [due.dueMs, promptIdOf(id, due.dueMs), "", "", ""]
          : [due.dueMs, "", due.reason, due.throughMs ?? "", due.detail ?? ""],
      ),
    ],
  );
  if (at === "early") {
    return { at: "early", leftMs: Number(rest[0]) };
  }
  if (at !== "ok") {
    return { at: "moved" };
  }
  const [fired, open] = rest as string[][];
  if (definition.overlap === "replace" && (fired ?? []).length > 0) {
    await Promise.all((open ?? []).map((prompt) => cancelPrompt(redis, context.limits, prompt)));
  }
  for (const dueMs of fired ?? []) {
    await complete(context, record, Number(dueMs), promptIdOf(id, Number(dueMs)));
  }
  const next = await readSchedule(redis, id);
  if (next !== undefined) {
    await addTimers(context, next);
  }
  return { at: "done" };
}

/** Enqueues what a row was begun for, and says so in the row. */
export async function complete(
  context: ScheduleContext,
  { id, definition }: ScheduleRecord,
  dueMs: number,
  promptId: string,
): Promise<void> {
  const outcome = await enqueuePrompt(context.redis, context.base, context.limits, {
    id: promptId,
    channel: definition.channel,
    prompt: definition.prompt,
    surface: "schedule",
    // Nobody speaks: what its channel's people wish of a running turn is not wished here.
    mode: "queue",
    permissions: definition.permissions,
    schedule: { id, dueMs },
    // The same due time is the same prompt, although its schedule may have changed meanwhile.
    bodyHash: "schedule",
    ...(definition.metadata === undefined ? {} : { metadata: definition.metadata }),
    ...(definition.onInterrupted === undefined ? {} : { onInterrupted: definition.onInterrupted }),
    ...(definition.idempotent === undefined ? {} : { idempotent: definition.idempotent }),
  });
  const full = outcome.at === "channel-full" || outcome.at === "store-full";
  await completeRow(context, id, dueMs, full ? "full" : undefined);
}

/** What was begun and not completed: its worker is gone. */
export async function completeLeft(
  context: ScheduleContext,
  id: string,
  dueMs: number,
): Promise<void> {
  const row = await context.redis.hget(keys.scheduleRows(id), String(dueMs));
  const { outcome, promptId } = JSON.parse(row ?? "{}") as Record<string, string>;
  const record = await readSchedule(context.redis, id);
  if (outcome !== "firing" || promptId === undefined) {
    await completeRow(context, id, dueMs);
  } else if (record !== undefined) {
    await complete(context, record, dueMs, promptId);
  } else {
    const isEnqueued = (await context.redis.exists(keys.prompt(promptId))) === 1;
    await completeRow(context, id, dueMs, isEnqueued ? undefined : "removed");
  }
}

async function completeRow(
  { redis }: ScheduleContext,
  id: string,
  dueMs: number,
  reason?: SkipReason,
): Promise<void> {
  await runScript(redis, "complete-occurrence", [id, dueMs, reason ?? ""]);
}

function promptIdOf(id: string, dueMs: number): string {
  return derivePromptId("schedule", id, String(dueMs));
}
