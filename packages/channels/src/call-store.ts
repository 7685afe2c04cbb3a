import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { withDeadline } from "@pilotlight/lifecycle";
import { type Redis, whenReady } from "@pilotlight/redis";
import { fromRedisError } from "./from-redis-error.ts";
import { StoreUnavailableError } from "./store-unavailable-error.ts";

/** Everything together: below the 5 s that an HTTP caller may have to wait. */
const MOST_WAIT_MS = 4500;
/** How long a short interruption of Redis may last without a caller noticing. */
const READY_WAIT_MS = 3500;
/** How long a sent command may stay unanswered, and with it the connection. */
export const ANSWER_WAIT_MS = 2500;
const REPEAT_AFTER_MS = 50;

/**
 * Runs commands with a deadline of their own. What a broken connection certainly did not execute, and every read, is
 * asked again while there is time.
 *
 * @throws StoreUnavailableError with `outcome: "unknown"` where `isWrite` and the command may have been executed.
 */
export async function callStore<T>(
  redis: Redis,
  isWrite: boolean,
  command: () => Promise<T>,
): Promise<T> {
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + MOST_WAIT_MS;
  for (;;) {
    try {
      return await callOnce(redis, isWrite, endsAtMs, command);
    } catch (error) {
      const failure = fromRedisError(error, isWrite);
      const mayRepeat =
        failure.trouble === "interrupted" && (!isWrite || failure.outcome === "none");
      if (!mayRepeat || performance.now() > startedAtMs + READY_WAIT_MS) {
        throw failure;
      }
      await sleep(REPEAT_AFTER_MS);
    }
  }
}

async function callOnce<T>(
  redis: Redis,
  isWrite: boolean,
  endsAtMs: number,
  command: () => Promise<T>,
): Promise<T> {
  if (redis.status !== "ready") {
    try {
      await whenReady(redis, Math.min(READY_WAIT_MS, endsAtMs - performance.now()));
    } catch (error) {
      throw new StoreUnavailableError(
        "Redis cannot be reached at the moment",
        "none",
        "silent",
        error,
      );
    }
  }
  const answerWaitMs = Math.min(ANSWER_WAIT_MS, endsAtMs - performance.now());
  return await withDeadline(
    command(),
    answerWaitMs,
    () =>
      new StoreUnavailableError(
        `Redis did not answer within ${Math.round(answerWaitMs)} ms`,
        isWrite ? "unknown" : "none",
        "silent",
      ),
  );
}
