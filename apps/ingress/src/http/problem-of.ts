import { StoreUnavailableError } from "@pilotlight/channels";
import { HttpProblem } from "./http-problem.ts";

const STORE_RETRY_SECS = 2;

/** What a caller hears of an error: never a stack, a path or the text of a library. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) {
    return error;
  }
  if (error instanceof StoreUnavailableError) {
    const detail =
      error.outcome === "unknown"
        ? "The store did not answer in time; it may have taken the write. Repeat it with the same Idempotency-Key."
        : "The store cannot be reached at the moment; nothing was written.";
    return new HttpProblem("store_unavailable", detail, {
      outcome: error.outcome,
      retryAfter: STORE_RETRY_SECS,
    });
  }
  if (error instanceof URIError) {
    return new HttpProblem("url_malformed", "The path holds a % that begins no valid escape.");
  }
  return new HttpProblem("internal_error", "The request could not be served; the log says why.");
}
