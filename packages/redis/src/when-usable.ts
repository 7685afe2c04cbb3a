import { ConfigError } from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import { checkServer } from "./check-server.ts";
import type { Redis } from "./connect-redis.ts";
import { whenReady } from "./when-ready.ts";

/**
 * Waits until commands can be sent, and looks whether the server may be used for what must not be lost. Warns where a
 * crash of it would lose something.
 *
 * @throws RedisUnreachableError, or ConfigError where the server must not be used.
 */
export async function whenUsable(redis: Redis, timeoutMs: number, log: Logger): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    await whenReady(redis, Math.max(0, deadlineMs - performance.now()));
    // The connection may break while it is asked: that says nothing about the server.
    const report = await checkServer(redis).catch((error: unknown) => {
      if (performance.now() >= deadlineMs) {
        throw error;
      }
    });
    if (report === undefined) {
      continue;
    }
    if (report.faults.length > 0) {
      throw new ConfigError(report.faults);
    }
    for (const warning of report.warnings) {
      log.warn(warning);
    }
    return;
  }
}
