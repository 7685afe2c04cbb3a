import type { Occurrence, ScheduleDefinition, ScheduleView } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { Page } from "../channels-client.ts";
import { runScript } from "../scripts.ts";
import { addTimers } from "./add-timers.ts";
import { type PutCondition, putSchedule } from "./put-schedule.ts";
import { listOccurrences, listSchedules, readSchedule } from "./read-schedules.ts";
import { runSchedule } from "./run-schedule.ts";
import type { ScheduleContext } from "./schedule-context.ts";
import { viewOf } from "./schedule-record.ts";

export type PutOutcome =
  | { readonly at: "created" | "updated" | "same"; readonly schedule: ScheduleView }
  /** There is another version than the caller means to replace. */
  | { readonly at: "stale" }
  /** It has no due time. */
  | { readonly at: "never" }
  | { readonly at: "full"; readonly limit: number };

/** What people do with schedules. */
export interface ScheduleStore {
  /** The same definition again changes nothing. The caller has looked for faults. */
  put(id: string, definition: ScheduleDefinition, condition: PutCondition): Promise<PutOutcome>;
  get(id: string): Promise<ScheduleView | undefined>;
  /** In the order of their ids; `cursor` as an earlier page named it. */
  list(limit: number, cursor?: string): Promise<Page<ScheduleView>>;
  /** `etag` where only that version is to go. */
  remove(id: string, etag?: string): Promise<"removed" | "missing" | "stale">;
  /** Undefined where there is none of this id; a finished one stays as it is. */
  pause(id: string): Promise<ScheduleView | undefined>;
  resume(id: string): Promise<ScheduleView | undefined>;
  /** Fires now, whatever the schedule says about that. */
  run(id: string): Promise<Occurrence | undefined>;
  /** Newest first. */
  occurrences(id: string, limit: number, cursor?: string): Promise<Page<Occurrence>>;
}

/** How calls are made that read, or write: each with a deadline of its own. */
export interface StoreCalls {
  read<T>(command: () => Promise<T>): Promise<T>;
  write<T>(command: () => Promise<T>): Promise<T>;
}

export function createScheduleStore(
  context: ScheduleContext,
  { read, write }: StoreCalls,
): ScheduleStore {
  const { redis } = context;

  async function turn(
    id: string,
    state: "paused" | "active",
    reason: string,
  ): Promise<ScheduleView | undefined> {
    if ((await runScript<string>(redis, "pause-schedule", [id, state, reason])) === "missing") {
      return undefined;
    }
    const record = await readSchedule(redis, id);
    if (record === undefined) {
      return undefined;
    }
    if (record.state === "active") {
      // Nothing was opened ahead while it was paused.
      await addTimers(context, record);
    }
    return viewOf(record);
  }

  return {
    put: (id, definition, condition) =>
      write(async () => {
        const outcome = await putSchedule(context, id, definition, condition);
        return "record" in outcome ? { at: outcome.at, schedule: viewOf(outcome.record) } : outcome;
      }),
    get: (id) =>
      read(async () => {
        const record = await readSchedule(redis, id);
        return record === undefined ? undefined : viewOf(record);
      }),
    list: (limit, cursor) =>
      read(async () => {
        const page = await listSchedules(redis, limit, cursor);
        return { ...page, items: page.items.map(viewOf) };
      }),
    remove: (id, etag = "") =>
      write(() => {
        const version = etag.replaceAll('"', "");
        return runScript(redis, "remove-schedule", [id, version, context.limits.retentionMs]);
      }),
    pause: (id) => write(() => turn(id, "paused", "somebody paused it")),
    resume: (id) => write(() => turn(id, "active", "")),
    run: (id) =>
      write(async () => {
        const run = await runSchedule(context, id);
        return run === undefined ? undefined : await occurrenceAt(redis, id, run.dueMs);
      }),
    occurrences: (id, limit, cursor) => read(() => listOccurrences(redis, id, limit, cursor)),
  };
}

async function occurrenceAt(
  redis: Redis,
  id: string,
  dueMs: number,
): Promise<Occurrence | undefined> {
  const { items } = await listOccurrences(redis, id, 1, String(dueMs + 1));
  return items[0];
}
