import type { Interruption } from "@pilotlight/channels";
import type { InterruptionPolicy, Recovery } from "@pilotlight/contracts";

/** What follows on an attempt that did not end. */
export type RecoveryChoice =
  | { readonly at: Recovery }
  /** A person has to decide; `reason` says why. */
  | { readonly at: "ask"; readonly reason: string }
  | { readonly at: "abandon" }
  /** It was to be cancelled anyway. */
  | { readonly at: "cancel" }
  /** Its agent dies again and again: the turn is over. */
  | { readonly at: "fail" };

/** Whose end cut the attempt off: a worker's leaves the cause unknown, an agent's is known. */
export type InterruptionCause = "worker" | "agent";

/** After so many recoveries without a person the turn asks. */
const MOST_AUTOMATIC_RECOVERIES = 2;

/**
 * Nothing was changed where every attempt's agent asks before changes and was granted nothing: then the prompt may simply
 * be sent again, or go on where it waited for a person. That no tool call was *seen* would prove nothing: it may sit unread in a dead worker's pipe.
 */
export function chooseRecovery(
  interruption: Interruption,
  cause: InterruptionCause,
  fallback: InterruptionPolicy,
): RecoveryChoice {
  if (interruption.cancelled) {
    return { at: "cancel" };
  }
  const policy = interruption.policy ?? fallback;
  const changedNothing = interruption.guarded && interruption.grants === 0;
  const spent = interruption.recoveries >= MOST_AUTOMATIC_RECOVERIES;
  if (changedNothing && !spent) {
    // Whoever was asked knows what the turn was about to do: it is not begun from the start.
    return { at: interruption.waitedFor === undefined ? "retry" : "continue" };
  }
  if (policy === "abandon") {
    return { at: "abandon" };
  }
  if (policy === "ask") {
    return { at: "ask", reason: `its ${cause} ended in the middle of the turn` };
  }
  if (spent) {
    return cause === "agent"
      ? { at: "fail" }
      : { at: "ask", reason: `it was cut off ${interruption.recoveries + 1} times` };
  }
  return { at: policy === "rerun" && interruption.idempotent ? "rerun" : "continue" };
}
