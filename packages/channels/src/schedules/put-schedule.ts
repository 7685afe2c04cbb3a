import type { ScheduleDefinition } from "@pilotlight/contracts";
import { calendarOf } from "@pilotlight/schedules";
import { runScript } from "../scripts.ts";
import { addTimers } from "./add-timers.ts";
import { readSchedule } from "./read-schedules.ts";
import type { ScheduleContext } from "./schedule-context.ts";
import type { ScheduleRecord } from "./schedule-record.ts";

/** Which version the caller means to replace. */
export type PutCondition =
  | { readonly at: "any" }
  /** Any that there is, or this one. */
  | { readonly at: "match"; readonly etag: string | "*" }
  /** None may be there. */
  | { readonly at: "new" };

export type PutScheduleOutcome =
  | { readonly at: "created" | "updated" | "same"; readonly record: ScheduleRecord }
  /** There is another version than the caller means. */
  | { readonly at: "stale" }
  | { readonly at: "never" }
  | { readonly at: "full"; readonly limit: number };

const MOST_SCHEDULES = 10_000;
/** Others change it meanwhile: each time one of them gets on. */
const MOST_TRIES = 20;

/** The same definition again changes nothing. What is due next stays where only other things than its timing change. */
export async function putSchedule(
  context: ScheduleContext,
  id: string,
  definition: ScheduleDefinition,
  condition: PutCondition,
): Promise<PutScheduleOutcome> {
  const { redis } = context;
  const text = JSON.stringify(definition);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = await readSchedule(redis, id);
    if (!meets(condition, before)) {
      return { at: "stale" };
    }
    const sameTiming = before !== undefined && timingOf(before.definition) === timingOf(definition);
    const [seconds, micros] = await redis.time();
    const nowMs = Math.floor(Number(seconds) * 1000 + Number(micros) / 1000);
    const nextMs = sameTiming ? before.nextMs : calendarOf(id, definition, nowMs).nextAfter(nowMs);
    if (nextMs === undefined && !sameTiming) {
      return { at: "never" };
    }
    const [at] = await runScript<[string, ...string[]]>(redis, "put-schedule", [
      id,
      before?.version ?? "",
      text,
      sameTiming ? "" : "1",
      nextMs ?? "",
      nowMs,
      definition.failureLimit ?? "",
      MOST_SCHEDULES,
    ]);
    if (at === "full") {
      return { at: "full", limit: MOST_SCHEDULES };
    }
    const record = at === "moved" ? undefined : await readSchedule(redis, id);
    if (record !== undefined) {
      await addTimers(context, record);
      return { at: at === "same" ? "same" : before === undefined ? "created" : "updated", record };
    }
  }
  return { at: "stale" };
}

function meets(condition: PutCondition, before: ScheduleRecord | undefined): boolean {
  switch (condition.at) {
    case "any":
      return true;
    case "new":
      return before === undefined;
    case "match":
      return before !== undefined && ["*", `"${before.version}"`].includes(condition.etag);
  }
}

/** What a change of begins anew: when it fires, and for how long. */
function timingOf(definition: ScheduleDefinition): string {
  const { cron, tz, everySecs, at, jitterSecs, startAt, endAt, maxRuns } = definition;
  return JSON.stringify([cron, tz, everySecs, at, jitterSecs, startAt, endAt, maxRuns]);
}
