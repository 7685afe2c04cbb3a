import { performance } from "node:perf_hooks";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "@pilotlight/redis";

/** The time that all machines share, read from here without asking each time. */
export interface RedisClock {
  /** Unix milliseconds. Asks Redis where it was not asked lately. */
  now(): Promise<number>;
  /** Resolves at that moment, not before it by what is known of Redis' time; or when the signal aborts. */
  until(atMs: number, signal?: AbortSignal): Promise<void>;
}

/** Clocks of one machine part by a fraction of a millisecond within this time. */
export const CLOCK_ASKED_EVERY_MS = 2000;
const LONGEST_SLEEP_MS = 1000;
const WATCHED_MS = 2;

export function createRedisClock(redis: Redis): RedisClock {
  let offsetMs = 0;
  let askedAtMs = -Infinity;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const sentMs = performance.now();
    const [seconds, micros] = await redis.time();
    const answeredMs = performance.now();
    offsetMs = Number(seconds) * 1000 + Number(micros) / 1000 - (sentMs + answeredMs) / 2;
    askedAtMs = answeredMs;
  }

  async function now(): Promise<number> {
    if (performance.now() - askedAtMs > CLOCK_ASKED_EVERY_MS) {
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      await asking;
    }
    return performance.now() + offsetMs;
  }

  return {
    now,
    async until(atMs, signal) {
      for (;;) {
        const leftMs = atMs - (await now());
        if (leftMs <= 0 || signal?.aborted === true) {
          return;
        }
        // A timer comes up to two milliseconds late: so long before, the clock is watched instead.
        if (leftMs <= WATCHED_MS) {
          await setImmediate();
        } else {
          const sleptMs = Math.min(LONGEST_SLEEP_MS, Math.floor(leftMs - WATCHED_MS) + 1);
          await sleep(sleptMs, undefined, { signal }).catch(() => undefined);
        }
      }
    },
  };
}
