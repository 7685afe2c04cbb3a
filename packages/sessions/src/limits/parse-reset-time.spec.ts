import { expect, test } from "vitest";
import { parseResetTime } from "./parse-reset-time.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const at = (...time: [number, number, number, number?]) =>
  Date.UTC(2026, time[0] - 1, time[1], time[2], time[3] ?? 0);

test.each([
  ["Claude AI usage limit reached|1795273200", 1_795_273_200_000],
  ['{"resetsAt":1795273200}', 1_795_273_200_000],
  ["usage limit reached, resets at 2026-11-21T15:30:00Z", at(11, 21, 15, 30)],
  ["You've hit your usage limit. Try again in 2 hours 5 minutes.", NOW + 125 * 60_000],
  ["rate limited, retry after 30s", NOW + 30_000],
  ["please wait 1 day, 3 hours and 10 mins", NOW + 27 * 3_600_000 + 600_000],
  ["limit reached ∙ resets 3pm (UTC)", at(11, 21, 15)],
  ["limit reached, resets at 09:15 UTC", at(11, 22, 9, 15)],
])("%s", (text, expected) => {
  expect(parseResetTime(text, NOW)).toBe(expected);
});

test("a time of day without a zone is this machine's", () => {
  const local = new Date(NOW);
  local.setHours(local.getHours() + 2, 0, 0, 0);
  const text = `resets at ${local.getHours()}:00`;
  expect(parseResetTime(text, NOW)).toBe(local.getTime());
});

test.each([
  ["no time at all", "You've hit your usage limit."],
  ["a time that is past", "resets at 2026-11-21T11:59:00Z"],
  ["a time weeks away", "try again in 40 days"],
  ["an hour that is none", "resets at 25:00"],
  ["a bare number", "resets 3"],
])("%s says nothing", (_what, text) => {
  expect(parseResetTime(text, NOW)).toBeUndefined();
});
