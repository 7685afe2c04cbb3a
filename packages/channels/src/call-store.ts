import { withDeadline } from "@pilotlight/lifecycle";
import { type Redis, whenReady } from "@pilotlight/redis";
import { fromRedisError } from "./from-redis-error.ts";
import { StoreUnavailableError } from "./store-unavailable-error.ts";

/** How long a short interruption of Redis may last without a caller noticing. */
const READY_WAIT_MS = 2000;
/** How long a sent command may stay unanswered. Together they stay below the 5 s an HTTP caller may wait. */
const ANSWER_WAIT_MS = 2500;

/**
 * Runs commands with a deadline of their own.
 *
 * @throws StoreUnavailableError with `outcome: "unknown"` where `isWrite` and the command may have been executed.
 */
export async function callStore<T>(
  redis: Redis,
  isWrite: boolean,
  command: () => Promise<T>,
): Promise<T> {
  if (redis.status !== "ready") {
    try {
      await whenReady(redis, READY_WAIT_MS);
    } catch (error) {
      throw new StoreUnavailableError("Redis cannot be reached at the moment", "none", error);
    }
  }
  try {
    return await withDeadline(
      command(),
      ANSWER_WAIT_MS,
      () =>
        new StoreUnavailableError(
          `Redis did not answer within ${ANSWER_WAIT_MS} ms`,
          isWrite ? "unknown" : "none",
        ),
    );
  } catch (error) {
    throw fromRedisError(error, isWrite);
  }
}
