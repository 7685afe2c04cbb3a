import { median, quantile } from "./quantile.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Where the median lies with 95 % confidence, by drawing the values again and again with replacement. */
export function bootstrapInterval(
  values: readonly number[],
  random: () => number,
  draws = 10_000,
): Interval {
  const medians: number[] = [];
  for (let draw = 0; draw < draws; draw += 1) {
    const drawn = values.map(() => values[Math.floor(random() * values.length)] as number);
    medians.push(median(drawn));
  }
  return { low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}
