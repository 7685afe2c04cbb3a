import type { ScheduleDefinition } from "@pilotlight/contracts";
import { calendarOf } from "./calendar.ts";
import { cronFault, zoneFault } from "./cron-times.ts";

export interface ScheduleFault {
  /** JSON pointer into the definition. */
  readonly pointer: string;
  readonly detail: string;
}

/** What only a clock and a calendar can tell: zones and expressions that are none, and what would never fire. */
export function findFaults(definition: ScheduleDefinition, nowMs: number): ScheduleFault[] {
  const { cron, tz, at, quietHours, startAt, endAt } = definition;
  const faults: ScheduleFault[] = [];
  const check = (pointer: string, detail: string | undefined) => {
    if (detail !== undefined) {
      faults.push({ pointer, detail });
    }
  };
  check("/cron", cron === undefined ? undefined : cronFault(cron));
  check("/tz", tz === undefined ? undefined : zoneFault(tz));
  check("/quietHours/tz", quietHours === undefined ? undefined : zoneFault(quietHours.tz));
  check("/at", at !== undefined && Date.parse(at) <= nowMs ? "is past" : undefined);
  check("/endAt", endAt !== undefined && Date.parse(endAt) <= nowMs ? "is past" : undefined);
  if (startAt !== undefined && endAt !== undefined && Date.parse(startAt) >= Date.parse(endAt)) {
    check("/endAt", "is not after startAt");
  }
  if (faults.length === 0 && calendarOf("", definition, nowMs).nextAfter(nowMs) === undefined) {
    const field = endAt !== undefined ? "endAt" : cron !== undefined ? "cron" : "at";
    check(`/${field}`, "would never fire");
  }
  return faults;
}
