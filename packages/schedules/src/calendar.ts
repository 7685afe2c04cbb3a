import type { ScheduleDefinition } from "@pilotlight/contracts";
import { cronTimes } from "./cron-times.ts";
import { jitterFraction } from "./jitter.ts";

/** The due times of a schedule, each strictly after the one before. Unix milliseconds. */
export interface Calendar {
  /** The first due time after this moment; undefined where there is none any more. */
  nextAfter(afterMs: number): number | undefined;
}

/** What of a definition says when it fires. */
export type Timing = Pick<
  ScheduleDefinition,
  "cron" | "tz" | "everySecs" | "at" | "jitterSecs" | "startAt" | "endAt"
>;

/**
 * `anchorMs` is where an interval is counted from unless it has a `startAt`: the moment when the timing was set.
 *
 * @throws Error where the cron expression or its zone is none
 */
export function calendarOf(id: string, timing: Timing, anchorMs: number): Calendar {
  const nominalAfter = nominalTimes(timing, anchorMs);
  const startMs = timing.startAt === undefined ? -Infinity : Date.parse(timing.startAt);
  const endMs = timing.endAt === undefined ? Infinity : Date.parse(timing.endAt);
  const jitterMs = timing.jitterSecs * 1000;

  /** Moved by less than the time until the next one: the order stays. */
  function jittered(nominalMs: number): number {
    const gapMs = (nominalAfter(nominalMs) ?? Infinity) - nominalMs;
    return nominalMs + Math.floor(jitterFraction(id, nominalMs) * Math.min(jitterMs, gapMs));
  }

  /** The last due time before this moment may have been moved past it: from where to look. */
  function lookFrom(afterMs: number): number {
    let backMs = Math.min(jitterMs, 1000);
    while (backMs < jitterMs && !((nominalAfter(afterMs - backMs) ?? Infinity) <= afterMs)) {
      backMs = Math.min(jitterMs, 2 * backMs);
    }
    return afterMs - backMs;
  }

  return {
    nextAfter(afterMs) {
      let fromMs = Math.max(lookFrom(afterMs), startMs - 1);
      for (;;) {
        const nominalMs = nominalAfter(fromMs);
        if (nominalMs === undefined || nominalMs > endMs) {
          return undefined;
        }
        const dueMs = jitterMs === 0 ? nominalMs : jittered(nominalMs);
        if (dueMs > afterMs) {
          return dueMs;
        }
        fromMs = nominalMs;
      }
    },
  };
}

function nominalTimes(
  { cron, tz, everySecs, at, startAt }: Timing,
  anchorMs: number,
): (afterMs: number) => number | undefined {
  if (cron !== undefined) {
    return cronTimes(cron, tz ?? "UTC");
  }
  if (everySecs !== undefined) {
    const everyMs = everySecs * 1000;
    // With a beginning the first due time is that moment itself, else it is one interval from now.
    const firstMs = startAt === undefined ? anchorMs + everyMs : Date.parse(startAt);
    return (afterMs) =>
      afterMs < firstMs
        ? firstMs
        : firstMs + (Math.floor((afterMs - firstMs) / everyMs) + 1) * everyMs;
  }
  const atMs = Date.parse(at ?? "");
  return (afterMs) => (afterMs < atMs ? atMs : undefined);
}
