import { bootstrapInterval, type Interval } from "./bootstrap-interval.ts";
import { median, quantile } from "./quantile.ts";

/** Samples of one arm, one array per block. */
export type Blocks = readonly (readonly number[])[];

export interface Ratio extends Interval {
  /** Median over the blocks. */
  readonly median: number;
  readonly perBlock: readonly number[];
}

/**
 * How many times the base an arm takes: the ratio of one quantile within each block, the median of these
 * ratios, and its 95 % interval over the blocks. A disturbance that hits a block hits both arms in it.
 */
export function compareBlocks(arm: Blocks, base: Blocks, q: number, random: () => number): Ratio {
  if (arm.length !== base.length) {
    throw new RangeError(`${arm.length} blocks cannot be compared with ${base.length}`);
  }
  const perBlock = arm.map((samples, i) => quantile(samples, q) / quantile(base[i] ?? [], q));
  return { median: median(perBlock), ...bootstrapInterval(perBlock, random), perBlock };
}
