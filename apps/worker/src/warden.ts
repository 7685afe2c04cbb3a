import { randomUUID } from "node:crypto";
import { type OwnedTrees, watchOwnedTrees } from "@pilotlight/agents";
import type { WorkerRegistry } from "@pilotlight/channels";
import {
  type Logger,
  monotonicMs,
  type Service,
  type SupervisedChild,
  superviseChild,
} from "@pilotlight/lifecycle";
import { reapPredecessors } from "./reap-predecessors.ts";
import { createRevoker, type Revoker } from "./revoker.ts";

export interface WardenOptions {
  readonly log: Logger;
  /** How long the worker may finish its turns. */
  readonly drainMs: number;
  /** Opened by the caller, closed by the warden. */
  readonly registry: WorkerRegistry;
}

/** How often the worker's agents are looked at, so that every descendant is known when the worker is gone (ms). */
const LOOK_EVERY_MS = 1000;
/** How often the warden asks whether the worker may still believe in its leases (ms). */
const WATCH_EVERY_MS = 50;
/** The worker ends by itself when its trust is over; the warden is for one that cannot (ms). */
const WORKER_ENDS_ITSELF_MS = 100;
const STOP_AFTER_DRAIN_MS = 5000;
const LAST_REVOCATIONS_MS = 2000;

/** One life of the worker process, and the agents that it started. */
interface Incarnation {
  /** The mark that its agents carry. */
  readonly owner: string;
  readonly agents: OwnedTrees;
  /** Its id in Redis, once it registered. */
  worker?: string;
  /** In milliseconds of `monotonicMs`. */
  trustedUntilMs?: number;
}

/**
 * The parent of one worker. When the worker is gone, however that came, its agents are ended to the last process, its
 * leases are revoked so that any worker may take over at once, and the next incarnation starts. A worker that is frozen
 * past the time in which it may trust its leases is ended before anybody else may claim its channels.
 */
export function createWarden(options: WardenOptions): Service {
  const { log, registry } = options;
  const timers: NodeJS.Timeout[] = [];
  const revoker: Revoker = createRevoker(registry, log);
  let worker: SupervisedChild | undefined;
  let incarnation = newIncarnation();
  let buried: Promise<void> = Promise.resolve();
  let dead: Incarnation | undefined;
  let ending = false;

  /** Only when the last process is gone may anybody else run the channels. */
  async function bury(gone: Incarnation): Promise<void> {
    await gone.agents.kill();
    if (gone.worker !== undefined) {
      revoker.revoke(gone.worker);
    }
    dead = undefined;
  }

  function onExit(code: number | null, signal: string | null): void {
    log[ending ? "info" : "warn"]({ code, signal }, "the worker is gone");
    dead = incarnation;
    incarnation = newIncarnation();
    // At once, and not when the next start is due: its agents may be at work.
    buried = bury(dead);
    buried.catch((error: unknown) => log.error({ err: error }, "its agents could not be ended"));
  }

  async function beforeRestart(): Promise<void> {
    await buried.catch(() => undefined);
    if (dead !== undefined) {
      await bury(dead);
    }
  }

  function watchTrust(): void {
    const { trustedUntilMs } = incarnation;
    if (trustedUntilMs !== undefined && monotonicMs() > trustedUntilMs + WORKER_ENDS_ITSELF_MS) {
      delete incarnation.trustedUntilMs;
      log.warn({ worker: incarnation.worker }, "the worker outlived its leases and is ended");
      worker?.signal("SIGKILL");
    }
  }

  return {
    async start() {
      await reapPredecessors(registry, log);
      worker = superviseChild({
        name: "worker",
        script: new URL("./main.ts", import.meta.url).pathname,
        env: () => ({ ...process.env, PILOTLIGHT_AGENT_OWNER: incarnation.owner }),
        backoff: { firstMs: 10, mostMs: 10_000, healthyAfterMs: 10_000 },
        onLine: (line) => process.stderr.write(`${line}\n`),
        onMessage: (message) => {
          if (message.type === "registered") {
            incarnation.worker = message.worker;
          } else if (message.type === "trusted") {
            incarnation.trustedUntilMs = message.untilMs;
          }
        },
        onExit,
        beforeRestart,
      });
      timers.push(
        setInterval(() => {
          incarnation.agents
            .look()
            .catch((error: unknown) => log.debug({ err: error }, "could not look"));
        }, LOOK_EVERY_MS),
        setInterval(watchTrust, WATCH_EVERY_MS),
      );
      await worker.ready;
    },

    async drain() {
      ending = true;
      await worker?.stop(options.drainMs + STOP_AFTER_DRAIN_MS);
    },

    async stop() {
      ending = true;
      await worker?.stop(0);
      for (const timer of timers.splice(0)) {
        clearInterval(timer);
      }
      await beforeRestart();
      await revoker.finish(LAST_REVOCATIONS_MS);
      registry.close();
    },
  };
}

function newIncarnation(): Incarnation {
  const owner = randomUUID();
  return { owner, agents: watchOwnedTrees(owner) };
}
