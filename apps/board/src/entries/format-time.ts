import { formatDuration } from "./format-duration.ts";

/** `2026-11-21 11:45:10 UTC`. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A time that is still to come, with how long that is: `… UTC (in 4 min)`. */
export function formatUntil(ms: number, nowMs: number): string {
  return ms <= nowMs
    ? `${formatTime(ms)} (now)`
    : `${formatTime(ms)} (in ${formatDuration(ms - nowMs)})`;
}
