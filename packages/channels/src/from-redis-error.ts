import { REDIS_REFUSAL } from "./redis-refusal.ts";
import { StoreUnavailableError } from "./store-unavailable-error.ts";

const NEVER_SENT = /isn't writeable/i;

/** Translates what the Redis client throws, once. `isWrite` decides what an unanswered command may have done. */
export function fromRedisError(error: unknown, isWrite: boolean): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (REDIS_REFUSAL.test(message)) {
    const why = message.startsWith("OOM")
      ? "it is out of memory"
      : "it refuses commands at the moment";
    return new StoreUnavailableError(
      `Redis did not take the command: ${why}`,
      "none",
      "refused",
      error,
    );
  }
  const outcome = isWrite && !NEVER_SENT.test(message) ? "unknown" : "none";
  return new StoreUnavailableError("The connection to Redis broke", outcome, "interrupted", error);
}
