/**
 * How long a worker may believe in its own life.
 *
 *   unregistered ──register──▶ trusted ──renewed──▶ trusted
 *                                 │  window passed / Redis says the key is gone
 *                                 ▼
 *                                lost      (final: the process starts again under a new id)
 */
export type LeaseState =
  | { readonly at: "unregistered" }
  /** Times are milliseconds of the monotonic clock. */
  | { readonly at: "trusted"; readonly untilMs: number }
  | { readonly at: "lost"; readonly reason: "expired" | "refused" };

/** The part of the TTL that a worker does not believe in: it covers what clocks and networks hide. */
const MARGIN = 1 / 5;

/** A claim or renewal that Redis confirmed. The window starts when the request was *sent*, never at its reply. */
export function confirmed(state: LeaseState, sentAtMs: number, ttlMs: number): LeaseState {
  if (state.at === "lost") {
    return state;
  }
  const untilMs = sentAtMs + ttlMs * (1 - MARGIN);
  return state.at === "trusted" && state.untilMs > untilMs ? state : { at: "trusted", untilMs };
}

/** Redis answered that the key is gone: this incarnation is dead and must not come back under its id. */
export function refused(state: LeaseState): LeaseState {
  return state.at === "lost" ? state : { at: "lost", reason: "refused" };
}

/** The state at a moment: trust that was not renewed in time is lost for good. */
export function atTime(state: LeaseState, nowMs: number): LeaseState {
  return state.at === "trusted" && nowMs >= state.untilMs
    ? { at: "lost", reason: "expired" }
    : state;
}
