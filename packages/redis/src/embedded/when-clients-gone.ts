import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRedis } from "../connect-redis.ts";

const LOOK_EVERY_MS = 100;
/** A client that reconnects, or a process that is started again, is away for a moment only. */
const GONE_FOR_MS = 500;

/** Resolves when a server has had no client for a moment, when it does not answer, or after `mostMs`. */
export async function whenClientsGone(url: string, mostMs: number): Promise<void> {
  const redis = connectRedis({ url, name: "keeper" });
  const deadlineMs = performance.now() + mostMs;
  let lastSeenMs = performance.now();
  while (performance.now() < deadlineMs && performance.now() - lastSeenMs < GONE_FOR_MS) {
    await sleep(LOOK_EVERY_MS);
    const clients = await redis.client("LIST").catch(() => "");
    if (String(clients).trim().split("\n").length > 1) {
      lastSeenMs = performance.now();
    }
  }
  redis.disconnect();
}
