import { expect, test } from "vitest";
import { bootstrapInterval } from "./bootstrap-interval.ts";
import { compareBlocks } from "./compare-blocks.ts";
import { median, quantile } from "./quantile.ts";
import { runInterleaved } from "./run-interleaved.ts";
import { runOpenLoop } from "./run-open-loop.ts";
import { seededRandom } from "./seeded-random.ts";

const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

test("quantiles do not depend on the order of the samples and reach both ends", () => {
  const samples = [30, 10, 20, 50, 40];
  expect(quantile(samples, 0)).toBe(10);
  expect(quantile(samples, 0.5)).toBe(30);
  expect(quantile(samples, 1)).toBe(50);
  expect(samples).toEqual([30, 10, 20, 50, 40]);
});

test("a quantile between two samples is interpolated", () => {
  expect(median([1, 2])).toBe(1.5);
  expect(quantile([0, 100], 0.99)).toBeCloseTo(99);
});

test("numbers are sorted as numbers, not as text", () => {
  expect(median([9, 10, 100])).toBe(10);
});

test("a quantile of nothing is refused", () => {
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

test("the same seed gives the same numbers, spread evenly", () => {
  const [a, b] = [seededRandom(7), seededRandom(7)];
  const drawn = Array.from({ length: 10_000 }, a);
  expect(Array.from({ length: 10_000 }, b)).toEqual(drawn);
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(drawn.reduce((sum, value) => sum + value, 0) / drawn.length).toBeCloseTo(0.5, 1);
});

test("the interval of equal values is that value", () => {
  expect(bootstrapInterval([2, 2, 2], seededRandom(1))).toEqual({ low: 2, high: 2 });
});

test("the interval holds the true median in most repetitions and is not far wider than needed", () => {
  const random = seededRandom(3);
  let held = 0;
  for (let repetition = 0; repetition < 200; repetition += 1) {
    const values = Array.from({ length: 15 }, () => 5 + normal(random));
    const interval = bootstrapInterval(values, random, 400);
    held += interval.low <= 5 && 5 <= interval.high ? 1 : 0;
    expect(interval.high - interval.low).toBeLessThan(4);
  }
  expect(held).toBeGreaterThan(200 * 0.88);
});

test("a ratio within blocks is not moved by a disturbance that hits both arms", () => {
  const base = [
    [10, 11, 12],
    [100, 110, 120],
    [10, 11, 12],
  ];
  const arm = base.map((block) => block.map((value) => value * 1.4));
  const ratio = compareBlocks(arm, base, 0.5, seededRandom(1));
  expect(ratio.median).toBeCloseTo(1.4);
  expect(ratio.low).toBeCloseTo(1.4);
  expect(ratio.high).toBeCloseTo(1.4);
});

test("blocks that do not pair are refused", () => {
  expect(() => compareBlocks([[1]], [[1], [2]], 0.5, seededRandom(1))).toThrow(RangeError);
});

test("every round asks each arm once and the first block is dropped", async () => {
  const asked: string[] = [];
  const arms = ["a", "b", "c"].map((name) => ({
    name,
    sample: async () => asked.push(name),
    stop: async () => undefined,
  }));
  const kept = await runInterleaved(arms, { blocks: 2, perBlock: 5, random: seededRandom(1) });
  expect(asked).toHaveLength(3 * 5 * 3);
  for (let round = 0; round < asked.length; round += 3) {
    expect(asked.slice(round, round + 3).toSorted()).toEqual(["a", "b", "c"]);
  }
  expect(kept.get("b")?.map((block) => block.length)).toEqual([5, 5]);
  expect(
    kept
      .get("b")
      ?.flat()
      .every((position) => position > 15),
  ).toBe(true);
});

test("the open loop does not wait for answers before it sends the next request", async () => {
  let inFlight = 0;
  let most = 0;
  const arm = {
    name: "slow",
    sample: async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 50));
      inFlight -= 1;
    },
    stop: async () => undefined,
  };
  const options = { blocks: 1, perSlice: 20, ratePerSecond: 1000, random: seededRandom(1) };
  const kept = await runOpenLoop([arm], options);
  expect(most).toBeGreaterThan(5);
  expect(kept.get("slow")?.map((slice) => slice.length)).toEqual([20]);
});
