import { performance } from "node:perf_hooks";
import { ConfigError, PilotlightError } from "@pilotlight/contracts";
import { tellParent, tellParentLast } from "./child-message.ts";
import type { Logger } from "./logger.ts";
import type { Service } from "./service.ts";
import { startExitCode } from "./start-exit-code.ts";
import { withDeadline } from "./with-deadline.ts";

export interface RunOptions {
  readonly drainTimeoutMs: number;
  readonly log: Logger;
  /**
   * What the end of the parent's IPC pipe means: to drain like a signal (default), or to stop hard at once, also in the
   * middle of draining, because the parent answered for what this process started.
   */
  readonly onParentGone?: "drain" | "stop";
  /** Says why it did not start, and gives the exit code. Default: a fatal log line for each fault; `startExitCode`. */
  onStartFailure?(error: unknown): number;
}

/** A terminal's Ctrl-C reaches a child directly and again through npm: only a later signal is a second wish. */
const SECOND_SIGNAL_AFTER_MS = 1000;
/** What is just starting may get there when a signal comes: it is easier to end in order then. */
const START_GRACE_MS = 10_000;
const STOP_TIMEOUT_MS = 15_000;

/**
 * Starts the service and ends the process with it: SIGTERM, SIGINT, SIGHUP or the end of the parent's IPC pipe drain
 * (bounded) and stop, a second signal stops hard, SIGQUIT exits at once. Exit codes: 0, and
 * what `onStartFailure` says.
 */
export async function runUntilSignalled(service: Service, options: RunOptions): Promise<void> {
  const { log } = options;
  const { first, second, isHard, isParentGone } = watchSignals(options.onParentGone ?? "drain");

  const startup = service.start();
  try {
    await Promise.race([
      startup,
      first.then(() => withDeadline(startup, START_GRACE_MS, endedWhileStarting)),
      second.then(() => Promise.reject(endedWhileStarting())),
    ]);
  } catch (error) {
    const exitCode = (options.onStartFailure ?? ((cause) => logStartFailure(cause, log)))(error);
    await ended(service, log);
    return await leave(exitCode, isParentGone());
  }
  tellParent({
    type: "ready",
    ...(service.url === undefined ? {} : { url: service.url() }),
  });

  log.info({ reason: await first }, "draining");
  if (!isHard()) {
    const drained = withDeadline(
      service.drain(),
      options.drainTimeoutMs,
      () => new Error("drain took too long"),
    ).catch((error: unknown) => log.warn({ err: error }, "not drained"));
    await Promise.race([drained, second]);
  }
  await ended(service, log);
  await leave(0, isParentGone());
}

/**
 * Node can hang for good in its own end (seen with v24, nodejs/node#54918). Our parent, told that we leave, ends us then;
 * where it is gone and answered for us, nobody would.
 */
async function leave(exitCode: number, isParentGone: boolean): Promise<never> {
  if (isParentGone) {
    process.kill(process.pid, "SIGKILL");
  }
  await tellParentLast({ type: "leaving" });
  process.exit(exitCode);
}

/** Handlers only record; whoever awaits the promises acts. */
function watchSignals(onParentGone: "drain" | "stop"): {
  readonly first: Promise<string>;
  readonly second: Promise<void>;
  isHard(): boolean;
  /** It answered for this process, and its pipe has ended. */
  isParentGone(): boolean;
} {
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<void>();
  let firstAtMs: number | undefined;
  let hard = false;
  let orphaned = false;
  function beHard(): void {
    hard = true;
    second.resolve();
  }
  function onSignal(name: string): void {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      first.resolve(name);
    } else if (nowMs - firstAtMs >= SECOND_SIGNAL_AFTER_MS) {
      beHard();
    }
  }
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => onSignal(name));
  }
  process.on("SIGQUIT", () => process.exit(131));
  function parentGone(): void {
    firstAtMs ??= performance.now();
    if (onParentGone === "stop") {
      orphaned = true;
      beHard();
    }
    first.resolve("parent gone");
  }
  process.on("disconnect", parentGone);
  if (process.connected === false) {
    // It went while we were being loaded.
    parentGone();
  }
  return {
    first: first.promise,
    second: second.promise,
    isHard: () => hard,
    isParentGone: () => orphaned,
  };
}

function endedWhileStarting(): Error {
  return new Error("was told to end while it was still starting");
}

async function ended(service: Service, log: Logger): Promise<void> {
  await withDeadline(service.stop(), STOP_TIMEOUT_MS, () => new Error("stop took too long")).catch(
    (error: unknown) => log.warn({ err: error }, "not stopped"),
  );
}

function logStartFailure(error: unknown, log: Logger): number {
  if (error instanceof ConfigError) {
    for (const fault of error.faults) {
      log.fatal({ code: error.code }, fault);
    }
  } else if (error instanceof PilotlightError) {
    log.fatal({ code: error.code }, error.message);
  } else {
    log.fatal({ err: error }, "could not start");
  }
  return startExitCode(error);
}
