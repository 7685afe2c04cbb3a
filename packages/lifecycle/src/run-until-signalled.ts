import { performance } from "node:perf_hooks";
import { ConfigError, PilotlightError } from "@pilotlight/contracts";
import { tellParent } from "./child-message.ts";
import type { Logger } from "./logger.ts";
import type { Service } from "./service.ts";
import { withDeadline } from "./with-deadline.ts";

export interface RunOptions {
  readonly drainTimeoutMs: number;
  readonly log: Logger;
  /** Says why the start failed and gives the exit code; default: the log, and 78 for a configuration fault. */
  reportFailure?(error: unknown): number;
}

/** A terminal's Ctrl-C reaches a child directly and again through npm: only a later signal is a second wish. */
const SECOND_SIGNAL_AFTER_MS = 1000;

/**
 * Starts the service and ends the process with it: SIGTERM, SIGINT or the end of the parent's IPC pipe drain (bounded)
 * and stop, a second signal stops hard, SIGQUIT exits at once. Exit codes: 0, 1, and 78 for a configuration fault.
 */
export async function runUntilSignalled(service: Service, options: RunOptions): Promise<void> {
  const { log } = options;
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<void>();
  let firstAtMs: number | undefined;

  function onSignal(name: string): void {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      first.resolve(name);
    } else if (nowMs - firstAtMs >= SECOND_SIGNAL_AFTER_MS) {
      second.resolve();
    }
  }
  function reportToLog(error: unknown): number {
    if (error instanceof PilotlightError) {
      log.fatal({ code: error.code }, error.message);
    } else {
      log.fatal({ err: error }, "could not start");
    }
    return error instanceof ConfigError ? 78 : 1;
  }

  process.on("SIGTERM", () => onSignal("SIGTERM"));
  process.on("SIGINT", () => onSignal("SIGINT"));
  process.on("SIGQUIT", () => process.exit(131));
  process.on("disconnect", () => onSignal("parent gone"));

  try {
    await service.start();
  } catch (error) {
    const exitCode = (options.reportFailure ?? reportToLog)(error);
    await service.stop().catch(() => undefined);
    process.exit(exitCode);
  }
  tellParent({
    type: "ready",
    ...(service.url === undefined ? {} : { url: service.url() }),
  });

  log.info({ reason: await first.promise }, "draining");
  await Promise.race([
    withDeadline(
      service.drain(),
      options.drainTimeoutMs,
      () => new Error("drain took too long"),
    ).catch((error: unknown) => log.warn({ err: error }, "not drained")),
    second.promise,
  ]);
  await withDeadline(service.stop(), STOP_TIMEOUT_MS, () => new Error("stop took too long")).catch(
    (error: unknown) => log.warn({ err: error }, "not stopped"),
  );
  process.exit(0);
}

const STOP_TIMEOUT_MS = 15_000;
