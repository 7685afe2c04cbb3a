import { describe, expect, it } from "vitest";
import { calendarOf, type Timing } from "./calendar.ts";

const times = (timing: Omit<Timing, "jitterSecs">, from: string, count: number, jitterSecs = 0) => {
  const calendar = calendarOf("s", { jitterSecs, ...timing }, Date.parse(from));
  const found: string[] = [];
  let afterMs: number | undefined = Date.parse(from);
  for (let i = 0; i < count && afterMs !== undefined; i += 1) {
    afterMs = calendar.nextAfter(afterMs);
    if (afterMs !== undefined) {
      found.push(new Date(afterMs).toISOString().replace(":00.000Z", "Z"));
    }
  }
  return found;
};

describe("a cron by the clock of its zone", () => {
  it.each([
    // The clocks jump from 02:00 to 03:00: half past two comes at half past three.
    [
      "30 2 * * *",
      "Europe/Berlin",
      "2026-03-28T00:00:00Z",
      "2026-03-28T01:30Z",
      "2026-03-29T01:30Z",
      "2026-03-30T00:30Z",
    ],
    [
      "30 2 * * *",
      "America/New_York",
      "2026-03-07T00:00:00Z",
      "2026-03-07T07:30Z",
      "2026-03-08T07:30Z",
      "2026-03-09T06:30Z",
    ],
    // They go back from 03:00 (02:00) to 02:00 (01:00): it comes once, the first time.
    [
      "30 2 * * *",
      "Europe/Berlin",
      "2026-10-24T00:00:00Z",
      "2026-10-24T00:30Z",
      "2026-10-25T00:30Z",
      "2026-10-26T01:30Z",
    ],
    [
      "30 1 * * *",
      "America/New_York",
      "2026-10-31T00:00:00Z",
      "2026-10-31T05:30Z",
      "2026-11-01T05:30Z",
      "2026-11-02T06:30Z",
    ],
    // What comes oftener than every hour goes on through both.
    [
      "*/30 * * * *",
      "Europe/Berlin",
      "2026-03-29T00:10:00Z",
      "2026-03-29T00:30Z",
      "2026-03-29T01:00Z",
      "2026-03-29T01:30Z",
    ],
    [
      "*/30 * * * *",
      "Europe/Berlin",
      "2026-10-25T00:10:00Z",
      "2026-10-25T00:30Z",
      "2026-10-25T01:00Z",
      "2026-10-25T01:30Z",
    ],
    [
      "*/30 * * * *",
      "America/New_York",
      "2026-11-01T05:10:00Z",
      "2026-11-01T05:30Z",
      "2026-11-01T06:00Z",
      "2026-11-01T06:30Z",
    ],
    [
      "*/30 * * * *",
      "America/New_York",
      "2026-03-08T06:40:00Z",
      "2026-03-08T07:00Z",
      "2026-03-08T07:30Z",
      "2026-03-08T08:00Z",
    ],
    // Months that have no such day are passed over.
    [
      "0 0 31 * *",
      "UTC",
      "2026-03-01T00:00:00Z",
      "2026-03-31T00:00Z",
      "2026-05-31T00:00Z",
      "2026-07-31T00:00Z",
    ],
    [
      "0 0 L * *",
      "UTC",
      "2027-12-31T12:00:00Z",
      "2028-01-31T00:00Z",
      "2028-02-29T00:00Z",
      "2028-03-31T00:00Z",
    ],
    [
      "0 0 29 2 *",
      "UTC",
      "2026-01-01T00:00:00Z",
      "2028-02-29T00:00Z",
      "2032-02-29T00:00Z",
      "2036-02-29T00:00Z",
    ],
    [
      "@daily",
      "Asia/Tokyo",
      "2026-01-28T00:00:00Z",
      "2026-01-28T15:00Z",
      "2026-01-29T15:00Z",
      "2026-01-30T15:00Z",
    ],
    [
      "@midnight",
      "UTC",
      "2026-01-28T00:00:00Z",
      "2026-01-29T00:00Z",
      "2026-01-30T00:00Z",
      "2026-01-31T00:00Z",
    ],
    [
      "15 30 9 * * 1-5",
      "UTC",
      "2026-11-20T00:00:00Z",
      "2026-11-20T09:30:15.000Z",
      "2026-11-23T09:30:15.000Z",
      "2026-11-24T09:30:15.000Z",
    ],
  ])("%s in %s after %s", (cron, tz, from, ...expected) => {
    expect(times({ cron, tz }, from, 3)).toEqual(expected);
  });

  it("is asked in any order, and answers the same", () => {
    const calendar = calendarOf("s", { cron: "*/10 * * * * *", jitterSecs: 0 }, 0);
    const at = Date.parse("2026-01-01T00:00:00Z");
    expect([at, at + 10_000, at + 5000, at - 1, at].map((ms) => calendar.nextAfter(ms))).toEqual([
      at + 10_000,
      at + 20_000,
      at + 10_000,
      at,
      at + 10_000,
    ]);
  });
});

describe("an interval", () => {
  it("is counted from when it was set, or from its beginning", () => {
    expect(times({ everySecs: 90 }, "2026-01-01T00:00:07Z", 2)).toEqual([
      "2026-01-01T00:01:37.000Z",
      "2026-01-01T00:03:07.000Z",
    ]);
    const startAt = "2026-01-01T12:00:00+02:00";
    expect(times({ everySecs: 3600, startAt }, "2026-01-01T00:00:00Z", 2)).toEqual([
      "2026-01-01T10:00Z",
      "2026-01-01T11:00Z",
    ]);
    expect(times({ everySecs: 3600, startAt }, "2026-01-02T10:30:00Z", 1)).toEqual([
      "2026-01-02T11:00Z",
    ]);
  });
});

it("what happens once has no second time, and nothing comes after the end", () => {
  expect(times({ at: "2026-05-01T09:00:00Z" }, "2026-01-01T00:00:00Z", 5)).toHaveLength(1);
  expect(
    times({ cron: "0 0 * * *", endAt: "2026-01-03T00:00:00Z" }, "2026-01-01T12:00:00Z", 9),
  ).toEqual(["2026-01-02T00:00Z", "2026-01-03T00:00Z"]);
});

describe("jitter", () => {
  it("moves each due time by the same every time it is asked, and never past the next one", () => {
    const timing = { cron: "*/10 * * * * *" };
    const from = "2026-01-01T00:00:00Z";
    const moved = times(timing, from, 200, 3600).map((time) => Date.parse(time));
    expect(times(timing, from, 200, 3600).map((time) => Date.parse(time))).toEqual(moved);
    const slots = moved.map((ms) => Math.floor(ms / 10_000));
    expect(new Set(slots).size).toBe(200);
    expect(slots.toSorted((a, b) => a - b)).toEqual(slots);
    expect(new Set(moved.map((ms) => ms % 10_000)).size).toBeGreaterThan(150);
  });
});
