import { PilotlightError } from "@pilotlight/contracts";

/**
 * Why a call to Redis failed: the connection broke, Redis refused, or there was no (timely) answer.
 * Only after `interrupted` is it worth asking again at once.
 */
export type StoreTrouble = "interrupted" | "refused" | "silent";

/** Redis did not answer in time, refused, or is away. `outcome` says whether a write may have happened. */
export class StoreUnavailableError extends PilotlightError {
  readonly outcome: "none" | "unknown";
  readonly trouble: StoreTrouble;

  constructor(
    message: string,
    outcome: "none" | "unknown",
    trouble: StoreTrouble,
    cause?: unknown,
  ) {
    super("STORE_UNAVAILABLE", message, { retryable: true, cause });
    this.outcome = outcome;
    this.trouble = trouble;
  }
}
