/**
 * Milliseconds of CLOCK_MONOTONIC, which all processes of a machine share. `performance.now()` counts from each process's
 * own start and cannot be compared.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
