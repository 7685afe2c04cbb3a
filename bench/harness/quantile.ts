/**
 * The value below which the share `q` of the samples lies, interpolated between neighbours.
 *
 * @throws RangeError without samples: a quantile of nothing is a mistake in the benchmark.
 */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = Float64Array.from(samples).sort();
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) {
    throw new RangeError("quantile of no samples");
  }
  return below + (above - below) * (at - Math.floor(at));
}

/** The middle of the samples. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}
