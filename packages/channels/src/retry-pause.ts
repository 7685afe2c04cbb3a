import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "@pilotlight/redis";

const FIRST_MS = 100;
const MOST_MS = 1000;

/**
 * The pauses between tries of one call: 100 ms, doubled up to 1 s. Where the connection is away they end when it is
 * back, so that a short interruption costs no more than itself.
 */
export function retryPauses(redis: Redis): () => Promise<void> {
  let nextMs = FIRST_MS;
  return async () => {
    const ms = nextMs;
    nextMs = Math.min(MOST_MS, nextMs * 2);
    if (redis.status === "ready") {
      await sleep(ms);
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    redis.once("ready", resolve);
    await promise;
    clearTimeout(timer);
    redis.off("ready", resolve);
  };
}
