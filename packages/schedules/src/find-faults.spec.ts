import { scheduleRequestSchema } from "@pilotlight/contracts";
import { expect, it } from "vitest";
import { findFaults } from "./find-faults.ts";

const now = Date.parse("2026-06-01T12:00:00Z");
const faults = (timing: object) =>
  findFaults(scheduleRequestSchema.parse({ channel: "ops", prompt: "x", ...timing }), now).map(
    ({ pointer }) => pointer,
  );

it.each([
  [{ cron: "61 * * * *" }, "/cron"],
  [{ cron: "* * * *" }, "/cron"],
  [{ cron: "* * * * * * *" }, "/cron"],
  [{ cron: "@reboot" }, "/cron"],
  [{ cron: "H H * * *" }, "/cron"],
  [{ cron: "every day" }, "/cron"],
  [{ cron: "0 0 30 2 *" }, "/cron"],
  [{ cron: "0 0 31 4,6 *" }, "/cron"],
  [{ cron: "0 9 * * *", tz: "Mars/Base" }, "/tz"],
  [{ everySecs: 60, quietHours: { from: "22:00", to: "07:00", tz: "Moon" } }, "/quietHours/tz"],
  [{ at: "2026-06-01T11:59:59Z" }, "/at"],
  [{ everySecs: 60, endAt: "2026-05-01T00:00:00Z" }, "/endAt"],
  [{ everySecs: 60, startAt: "2026-08-01T00:00:00Z", endAt: "2026-07-01T00:00:00Z" }, "/endAt"],
  [{ cron: "0 0 1 1 *", endAt: "2026-07-01T00:00:00Z" }, "/endAt"],
  [{ at: "2026-06-02T00:00:00Z", endAt: "2026-06-01T13:00:00Z" }, "/endAt"],
])("%j is refused for %s", (timing, pointer) => {
  expect(faults(timing)).toEqual([pointer]);
});

it.each([
  { cron: "0 0 29 2 *" },
  { cron: "@hourly", tz: "Asia/Kolkata" },
  { everySecs: 1 },
  { at: "2026-06-01T14:00:01+02:00" },
])("%j is taken", (timing) => {
  expect(faults(timing)).toEqual([]);
});
