import type { ScheduleState, ScheduleView } from "@pilotlight/contracts";
import type { Entry, ShownStatus } from "../queues/queue-source.ts";
import { formatTime } from "./format-time.ts";
import { shorten, type TextLength } from "./shorten.ts";

/** Where the board lists a schedule: by whether a due time is ahead of it, which a paused one lets pass. */
const STATUS_OF_SCHEDULE: Readonly<Record<ScheduleState, ShownStatus>> = {
  active: "delayed",
  paused: "delayed",
  finished: "completed",
};

/** A schedule, named by its rhythm and its channel; its definition is under the options. */
export function scheduleEntry(schedule: ScheduleView, length: TextLength): Entry {
  const { id, definition, state, pausedReason, next, runs, failures, preWarms } = schedule;
  const { channel, prompt } = definition;
  const isActive = state === "active";
  return {
    status: STATUS_OF_SCHEDULE[state],
    json: {
      id,
      name: `${whenOf(definition)} · ${channel}${isActive ? "" : ` (${state})`}`,
      timestamp: schedule.createdAt,
      progress: 0,
      attemptsMade: runs,
      data: {
        channel,
        prompt: shorten(prompt, length),
        state,
        ...(pausedReason === undefined ? {} : { pausedReason }),
        next: next.map(formatTime),
        runs,
        failuresInARow: failures,
      },
      returnvalue: { preWarms },
      failedReason: "",
      stacktrace: [],
      opts: { ...definition, prompt: shorten(prompt, length) } as Record<string, unknown>,
    },
  };
}

function whenOf({ cron, tz, everySecs, at }: ScheduleView["definition"]): string {
  if (cron !== undefined) {
    return tz === undefined ? cron : `${cron} ${tz}`;
  }
  return everySecs === undefined ? `once at ${at}` : `every ${everySecs} s`;
}
