export interface RetryPace {
  /** The pause after the first failure; doubled with each further one. */
  readonly firstMs: number;
  /** How much of the pause chance adds, so that what failed together does not come back together: 0 to 1. */
  readonly chance: number;
}

const MOST_MS = 600_000;
const SPREAD = 0.1;

/**
 * How long after its `failures`-th failure (from 1) a callback is tried again: `firstMs` doubled up to 10 min, and a tenth
 * more by chance. Never before an endpoint's `Retry-After` is over.
 */
export function retryDelayMs(failures: number, pace: RetryPace, retryAfterMs = 0): number {
  const doubled = Math.min(MOST_MS, pace.firstMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(Math.max(doubled * (1 + SPREAD * pace.chance), retryAfterMs));
}
