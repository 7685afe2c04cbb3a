import { describe, expect, it } from "vitest";
import { calendarOf } from "./calendar.ts";
import { MOST_PLANNED, type PlanInput, planDue } from "./plan-due.ts";

const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
const minutely = calendarOf(
  "s",
  { everySecs: 60, startAt: "2026-01-01T00:00:00Z", jitterSecs: 0 },
  0,
);

function plan(
  policy: Partial<PlanInput["policy"]>,
  now: string,
  paused = false,
  first = "12:00:00",
) {
  const { due, nextMs } = planDue({
    calendar: minutely,
    policy: { misfire: "once", misfireLimit: 10, ...policy },
    paused,
    firstMs: at(first),
    nowMs: at(now),
  });
  const shown = due.map((one) => (one.at === "fire" ? "fire" : one.reason)).join(" ");
  return { shown, next: new Date(nextMs ?? 0).toISOString().slice(11, 19), due };
}

describe("due times that passed unseen", () => {
  it.each([
    ["skip", "12:00:00", "fire"],
    ["skip", "12:00:25", "fire"],
    ["skip", "12:00:45", "misfire"],
    ["skip", "12:03:05", "misfire misfire misfire fire"],
    ["skip", "12:03:45", "misfire misfire misfire misfire"],
    ["once", "12:00:45", "fire"],
    ["once", "12:03:45", "misfire misfire misfire fire"],
    ["all", "12:03:45", "fire fire fire fire"],
  ] as const)("%s at %s: %s", (misfire, now, expected) => {
    expect(plan({ misfire }, now).shown).toBe(expected);
  });

  it("are never more than the limit, the last ones of them", () => {
    expect(plan({ misfire: "all", misfireLimit: 2 }, "12:03:45").shown).toBe(
      "misfire misfire fire fire",
    );
  });

  it("are followed by the one after now", () => {
    expect(plan({}, "12:03:45").next).toBe("12:04:00");
    expect(plan({}, "12:04:00").next).toBe("12:05:00");
  });
});

it("a paused schedule skips all it is due, and says so", () => {
  expect(plan({ misfire: "all" }, "12:02:00", true).shown).toBe("paused paused paused");
});

describe("quiet hours", () => {
  const quietHours = { from: "12:01", to: "12:03", tz: "UTC" };
  it("skip what is due in them; what was missed before fires after them", () => {
    expect(plan({ quietHours, misfire: "all" }, "12:04:00").shown).toBe(
      "fire quiet_hours quiet_hours fire fire",
    );
  });

  it("let nothing fire that was missed before them", () => {
    expect(plan({ quietHours, misfire: "all" }, "12:02:30").shown).toBe(
      "quiet_hours quiet_hours quiet_hours",
    );
  });

  it("pass midnight, by their own clock", () => {
    const night = { from: "22:00", to: "07:00", tz: "America/New_York" };
    expect(plan({ quietHours: night }, "11:59:30", false, "11:59:00").shown).toBe("quiet_hours");
    expect(plan({ quietHours: night }, "12:00:30").shown).toBe("fire");
  });
});

it("a long outage is listed from its end, and one row stands for all before that", () => {
  const first = "00:00:00";
  const { due } = plan({ misfire: "all" }, "20:00:30", false, first);
  expect(due).toHaveLength(MOST_PLANNED + 1);
  expect(due[0]).toEqual({
    dueMs: at(first),
    at: "skip",
    reason: "misfire",
    throughMs: at("20:00:00") - MOST_PLANNED * 60_000,
  });
  expect(due.filter((one) => one.at === "fire")).toHaveLength(10);
});

it("years of seconds are leapt over, without a due time left out at the end", () => {
  const secondly = calendarOf("s", { everySecs: 1, jitterSecs: 0 }, 0);
  const nowMs = Date.parse("2031-01-01T00:00:00Z");
  const { due, nextMs } = planDue({
    calendar: secondly,
    policy: { misfire: "once", misfireLimit: 10 },
    paused: false,
    firstMs: Date.parse("2026-01-01T00:00:00Z"),
    nowMs,
  });
  expect(due).toHaveLength(MOST_PLANNED + 1);
  expect(due.slice(1).map((one) => one.dueMs)).toEqual(
    Array.from({ length: MOST_PLANNED }, (_, i) => nowMs - (MOST_PLANNED - 1 - i) * 1000),
  );
  expect(nextMs).toBe(nowMs + 1000);
});
