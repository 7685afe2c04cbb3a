import { PilotlightError } from "@pilotlight/contracts";

/** Redis did not answer in time, refused, or is away. `outcome` says whether a write may have happened. */
export class StoreUnavailableError extends PilotlightError {
  readonly outcome: "none" | "unknown";

  constructor(message: string, outcome: "none" | "unknown", cause?: unknown) {
    super("STORE_UNAVAILABLE", message, { retryable: true, cause });
    this.outcome = outcome;
  }
}
