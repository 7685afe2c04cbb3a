import { expect, test } from "vitest";
import { verdictOf, voidReasons } from "./verdict.ts";

const ratio = { metric: "m", arm: "a", base: "b", quantile: 0.5, median: 1.4, low: 1.3, high: 1.6 };
const times = { arm: "a", metric: "m", unit: "ms", samples: 1, p50: 1, p99: 1, max: 1 };
const outcome = {
  settings: {},
  arms: [times],
  ratios: [],
  figures: [],
  violations: [],
  redis: "7",
};

test("a ratio meets its goal only with the bad end of its interval", () => {
  expect(verdictOf({ ...ratio, atMost: 1.5 })).toBe("missed");
  expect(verdictOf({ ...ratio, atMost: 1.6 })).toBe("met");
  expect(verdictOf(ratio)).toBe("");
});

test("a figure meets its goal with its value", () => {
  const figure = { what: "w", arm: "a", value: 4, unit: "" };
  expect(verdictOf({ ...figure, atMost: 4 })).toBe("met");
  expect(verdictOf({ ...figure, atMost: 3 })).toBe("missed");
});

test("a violation or foreign load voids a run, and says so", () => {
  expect(voidReasons(outcome, 0.5)).toEqual([]);
  expect(voidReasons({ ...outcome, violations: ["answered twice"] }, 0)).toEqual([
    "answered twice",
  ]);
  expect(voidReasons(outcome, 1.2)).toEqual(["others kept 1.20 cores busy"]);
});

test("foreign load does not void a run that only counts", () => {
  expect(voidReasons({ ...outcome, arms: [] }, 1.2)).toEqual([]);
});
