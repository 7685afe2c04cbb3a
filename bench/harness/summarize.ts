import type { ArmSummary } from "../benchmark.ts";
import type { Blocks } from "./compare-blocks.ts";
import { quantile } from "./quantile.ts";

/** The times of one arm over all its blocks. */
export function summarize(arm: string, metric: string, unit: string, blocks: Blocks): ArmSummary {
  const samples = blocks.flat();
  return {
    arm,
    metric,
    unit,
    samples: samples.length,
    p50: quantile(samples, 0.5),
    p99: quantile(samples, 0.99),
    max: quantile(samples, 1),
  };
}
