import { setTimeout as sleep } from "node:timers/promises";
import { derivePromptId, type SkipReason } from "@pilotlight/contracts";
import { type DuePlan, type PlannedDue, planDue } from "@pilotlight/schedules";
import type { EnqueueInput, EnqueueOutcome } from "../channels-client.ts";
import { KEY_PREFIX, keys } from "../keys.ts";
import { cancelPrompt } from "../prompts/cancel-prompt.ts";
import {
  addEnqueue,
  enqueueOutcomeOf,
  enqueuePrompt,
  resultsOf,
} from "../prompts/enqueue-prompt.ts";
import { commandName, runScript } from "../scripts.ts";
import { addTimers } from "./add-timers.ts";
import { readSchedule } from "./read-schedules.ts";
import type { ScheduleContext } from "./schedule-context.ts";
import { calendarOfRecord, type ScheduleRecord } from "./schedule-record.ts";

const WRITTEN_AFTER_MS = 20;

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
  prepared: PreparedFiring,
): Promise<FiringOutcome> {
  const { redis } = context;
  const { record } = prepared;
  const { id, definition } = record;
  const only = onlyPrompt(prepared);
  const { advanced, enqueued } =
    only === undefined
      ? { advanced: await runScript<Advanced>(redis, "advance-schedule", advanceArgs(prepared)) }
      : await advanceAndEnqueue(context, prepared, only);
  const [at, ...rest] = advanced;
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
  if (enqueued !== undefined) {
    // Its turn begins at this moment: what is only written down lets it go first.
    await sleep(WRITTEN_AFTER_MS);
  }
  for (const dueMs of fired ?? []) {
    await (enqueued === undefined
      ? complete(context, record, Number(dueMs), promptIdOf(id, Number(dueMs)))
      : completeWith(context, id, Number(dueMs), enqueued));
  }
  const next = await readSchedule(redis, id);
  if (next !== undefined) {
    await addTimers(context, next);
  }
  return { at: "done" };
}

type Advanced = [string, ...(string | string[])[]];

function advanceArgs({ record, plan }: PreparedFiring): (string | number)[] {
  const { id, definition } = record;
  return [
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
  ];
}

/** What is due where that is one prompt, and it does not have to wait until another one is cancelled. */
function onlyPrompt({ record, plan }: PreparedFiring): EnqueueInput | undefined {
  const [due, ...others] = plan.due;
  return due?.at !== "fire" || others.length > 0 || record.definition.overlap === "replace"
    ? undefined
    : inputOf(record, due.dueMs, promptIdOf(record.id, due.dueMs));
}

/** In one round trip: the second script enqueues nothing that the first one has not written down as firing. */
async function advanceAndEnqueue(
  { redis, base, limits }: ScheduleContext,
  prepared: PreparedFiring,
  input: EnqueueInput,
): Promise<{ readonly advanced: Advanced; readonly enqueued?: EnqueueOutcome }> {
  const transaction = (await base.client).multi();
  transaction.runCommand(commandName("advance-schedule"), [KEY_PREFIX, ...advanceArgs(prepared)]);
  addEnqueue(transaction, base, limits, input);
  const [advanced, reply] = await resultsOf(transaction);
  return (advanced as Advanced)[0] !== "ok" || (reply as string[])[0] === "not-due"
    ? { advanced: advanced as Advanced }
    : {
        advanced: advanced as Advanced,
        enqueued: await enqueueOutcomeOf(redis, input, limits, reply),
      };
}

/** Enqueues what a row was begun for, and says so in the row. */
export async function complete(
  context: ScheduleContext,
  record: ScheduleRecord,
  dueMs: number,
  promptId: string,
): Promise<void> {
  const input = inputOf(record, dueMs, promptId);
  const outcome = await enqueuePrompt(context.redis, context.base, context.limits, input);
  await completeWith(context, record.id, dueMs, outcome);
}

function inputOf(
  { id, definition }: ScheduleRecord,
  dueMs: number,
  promptId: string,
): EnqueueInput {
  return {
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
  };
}

async function completeWith(
  context: ScheduleContext,
  id: string,
  dueMs: number,
  { at }: EnqueueOutcome,
): Promise<void> {
  const full = at === "channel-full" || at === "store-full";
  await completeRow(context, id, dueMs, full ? "full" : undefined);
}

/** What was begun and not completed, `<due ms> <schedule>`: its worker is gone. */
export async function completeLeft(context: ScheduleContext, left: string): Promise<void> {
  const [due = "", id = ""] = left.split(" ");
  const dueMs = Number(due);
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
