import type { ScheduleDefinition, SkipReason } from "@pilotlight/contracts";
import type { Calendar } from "./calendar.ts";
import { isQuiet } from "./quiet-hours.ts";

/** What is to become of a due time. */
export type PlannedDue =
  | { readonly dueMs: number; readonly at: "fire" }
  | {
      readonly dueMs: number;
      readonly at: "skip";
      readonly reason: SkipReason;
      /** What people are told of it. */
      readonly detail?: string;
      /** It stands for every due time from `dueMs` to this one. */
      readonly throughMs?: number;
    };

export interface DuePlan {
  /** In the order of their due times; the last `MOST_PLANNED` each for itself. */
  readonly due: readonly PlannedDue[];
  /** The first due time that is not part of the plan. */
  readonly nextMs: number | undefined;
}

export interface PlanInput {
  readonly calendar: Calendar;
  readonly policy: Pick<ScheduleDefinition, "misfire" | "misfireLimit" | "quietHours">;
  readonly paused: boolean;
  /** The first due time that nobody has seen to. */
  readonly firstMs: number;
  readonly nowMs: number;
}

/** Due times that get a row each; what was missed before them shares one. */
export const MOST_PLANNED = 500;
/** Times of a calendar that are looked at one by one: a second of computing. */
const MOST_LOOKED_AT = 20_000;

/**
 * What is to become of everything that is due by now. A due time counts as missed once the next one has come, too, or
 * a good part of the time until then is over; an outage never makes a burst unless the policy asks for one.
 */
export function planDue({ calendar, policy, paused, firstMs, nowMs }: PlanInput): DuePlan {
  const { listed, collapsed, nextMs } = collect(calendar, firstMs, nowMs);
  const lastMs = listed.at(-1) ?? firstMs;
  const graceMs = graceOf(lastMs, nowMs, nextMs);
  const { quietHours, misfire, misfireLimit } = policy;
  const quietNow = quietHours !== undefined && isQuiet(quietHours, nowMs);

  const keptFrom = (dueMs: number): SkipReason | undefined => {
    if (paused) {
      return "paused";
    }
    return quietHours !== undefined && (quietNow || isQuiet(quietHours, dueMs))
      ? "quiet_hours"
      : undefined;
  };
  const able = listed.filter((dueMs) => keptFrom(dueMs) === undefined);
  const fires = new Set(
    misfire === "skip"
      ? able.filter((dueMs) => dueMs === lastMs && nowMs - dueMs <= graceMs)
      : able.slice(misfire === "all" ? -misfireLimit : -1),
  );
  const due: PlannedDue[] = listed.map((dueMs) =>
    fires.has(dueMs)
      ? { dueMs, at: "fire" }
      : { dueMs, at: "skip", reason: keptFrom(dueMs) ?? "misfire" },
  );
  if (collapsed !== undefined) {
    const reason = paused ? "paused" : "misfire";
    due.unshift({ dueMs: firstMs, at: "skip", reason, throughMs: collapsed });
  }
  return { due, nextMs };
}

interface Collected {
  readonly listed: readonly number[];
  /** The last of the due times that are not listed. */
  readonly collapsed: number | undefined;
  readonly nextMs: number | undefined;
}

function collect(calendar: Calendar, firstMs: number, nowMs: number): Collected {
  const listed: number[] = [];
  let collapsed: number | undefined;
  let looked = 0;
  let dueMs: number | undefined = firstMs;
  while (dueMs !== undefined && dueMs <= nowMs) {
    listed.push(dueMs);
    if (listed.length > MOST_PLANNED) {
      collapsed = listed.shift();
    }
    looked += 1;
    const fromMs: number = looked === MOST_LOOKED_AT ? leap(firstMs, dueMs, nowMs) : dueMs;
    if (fromMs !== dueMs) {
      collapsed = Math.floor(fromMs);
      listed.length = 0;
    }
    dueMs = calendar.nextAfter(fromMs);
  }
  return { listed, collapsed, nextMs: dueMs };
}

/** So many at that pace that the rest is as good as listed. */
function leap(firstMs: number, dueMs: number, nowMs: number): number {
  const paceMs = (dueMs - firstMs) / MOST_LOOKED_AT;
  return Math.max(dueMs, nowMs - paceMs * 2 * MOST_PLANNED);
}

const LEAST_GRACE_MS = 10_000;
const MOST_GRACE_MS = 60_000;

function graceOf(lastMs: number, nowMs: number, nextMs: number | undefined): number {
  const gapMs = (nextMs ?? nowMs + 2 * MOST_GRACE_MS) - lastMs;
  return Math.min(MOST_GRACE_MS, Math.max(LEAST_GRACE_MS, gapMs / 2));
}
