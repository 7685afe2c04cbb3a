/**
 * How a supervised child stands.
 *
 *   running ──exit──▶ waiting(delay) ──▶ running        running ──stop──▶ stopped
 */
export type RestartState =
  | { readonly at: "running"; readonly sinceMs: number; readonly failures: number }
  | { readonly at: "waiting"; readonly delayMs: number; readonly failures: number }
  | { readonly at: "stopped" };

export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
  /** A child that lived this long counts as healthy again. */
  readonly healthyAfterMs: number;
}

export function started(state: RestartState, nowMs: number): RestartState {
  return { at: "running", sinceMs: nowMs, failures: state.at === "waiting" ? state.failures : 0 };
}

/** An exit that nobody asked for: wait, twice as long after each failure in a row. */
export function exited(state: RestartState, nowMs: number, backoff: Backoff): RestartState {
  if (state.at !== "running") {
    return state;
  }
  const healthy = nowMs - state.sinceMs >= backoff.healthyAfterMs;
  const failures = healthy ? 1 : state.failures + 1;
  const delayMs = Math.min(backoff.mostMs, backoff.firstMs * 2 ** (failures - 1));
  return { at: "waiting", delayMs, failures };
}

export function stopped(): RestartState {
  return { at: "stopped" };
}
