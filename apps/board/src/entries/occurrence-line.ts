import type { Occurrence } from "@pilotlight/contracts";
import { formatDuration } from "./format-duration.ts";
import { formatTime } from "./format-time.ts";
import { shorten } from "./shorten.ts";

const DETAIL_CHARS = 200;

/** What became of one due time, as a line of its schedule's log. */
export function occurrenceLine(occurrence: Occurrence): string {
  const { dueAt, through, outcome, reason, detail, trigger, promptId, latenessMs } = occurrence;
  return [
    through === undefined ? formatTime(dueAt) : `${formatTime(dueAt)} to ${formatTime(through)}`,
    trigger === "run" ? `${outcome} by hand` : outcome,
    ...(reason === undefined ? [] : [reason]),
    ...(detail === undefined ? [] : [shorten(detail, "short", DETAIL_CHARS)]),
    ...(promptId === undefined ? [] : [promptId]),
    ...(latenessMs === undefined ? [] : [`${formatDuration(latenessMs)} late`]),
  ].join(" · ");
}
