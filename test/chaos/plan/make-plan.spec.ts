import { expect, it } from "vitest";
import { seededRandom } from "../../../bench/harness/seeded-random.ts";
import { makePlan, placeOf } from "./make-plan.ts";

const options = { faults: 500, hosts: 3, ingresses: 2, leaseTtlMs: 3000, everyMs: 2500 };
const plan = makePlan(options, seededRandom(7));

it("is the same plan for the same seed, and another for another", () => {
  expect(makePlan(options, seededRandom(7))).toEqual(plan);
  expect(makePlan(options, seededRandom(8))).not.toEqual(plan);
});

it("ends every fault within two lives of a lease", () => {
  const lasting = plan.flatMap(({ fault }) => ("forMs" in fault ? [fault.forMs] : []));
  expect(Math.min(...lasting)).toBeGreaterThan(0);
  expect(Math.max(...lasting)).toBeLessThanOrEqual(6000);
});

it("comes to every place, in the order of time", () => {
  expect(new Set(plan.map(({ fault }) => placeOf(fault)))).toEqual(
    new Set(["host 0", "host 1", "host 2", "ingress 0", "ingress 1", "redis"]),
  );
  const times = plan.map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

it("has only the kinds of fault that were asked for", () => {
  const some = makePlan({ ...options, only: ["partition", "fill-redis"] }, seededRandom(7));
  expect(new Set(some.map(({ fault }) => fault.kind))).toEqual(
    new Set(["partition", "fill-redis"]),
  );
});
