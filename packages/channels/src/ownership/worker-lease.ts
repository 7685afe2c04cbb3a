import { performance } from "node:perf_hooks";
import type { Redis } from "@pilotlight/redis";
import { fromRedisError } from "../from-redis-error.ts";
import { keys } from "../keys.ts";
import { runScript } from "../scripts.ts";
import { atTime, confirmed, type LeaseState, refused } from "./lease-state.ts";

export interface WorkerLeaseOptions {
  /** A connection of its own: a renewal must not queue behind other commands. */
  readonly redis: Redis;
  readonly worker: string;
  readonly ttlMs: number;
  /** What `GET /v1/workers` shows, as JSON. */
  readonly description: string;
  /**
   * Asked on each new connection before trust is renewed over it: another Redis may answer there, which knows nothing
   * of some leases. Resolves when what ran under those has ended.
   */
  verify(): Promise<void>;
  /** Called once, when this incarnation must end. */
  onLost(reason: "expired" | "refused"): void;
  /** Called after each confirmed renewal with the new end of the trust window (monotonic ms). */
  onTrusted?(untilMs: number): void;
}

/** The life of one worker incarnation: one key, renewed by `PEXPIRE` only, whatever it owns. */
export interface WorkerLease {
  register(): Promise<void>;
  /** Whether the worker may still act on what it owns. */
  trusted(): boolean;
  stop(): void;
}

/** Renewals per TTL. */
const RENEWALS_PER_TTL = 6;
/** How often an unanswered renewal is tried again and the window is looked at. */
const CHECKS_PER_TTL = 60;

export function createWorkerLease(options: WorkerLeaseOptions): WorkerLease {
  const { redis, worker, ttlMs } = options;
  let state: LeaseState = { at: "unregistered" };
  let timer: NodeJS.Timeout | undefined;
  let lastSentAtMs = 0;
  let lastConfirmedAtMs = 0;
  let inFlight = false;
  /** Counts connections; the one that was verified may be renewed over. */
  let connection = 0;
  let verified = 0;
  let verifying: { readonly connection: number; readonly done: Promise<void> } | undefined;

  redis.on("close", () => {
    connection += 1;
  });

  function setState(next: LeaseState): void {
    const before = state;
    state = next;
    if (next.at === "lost" && before.at !== "lost") {
      clearInterval(timer);
      options.onLost(next.reason);
    } else if (next.at === "trusted") {
      options.onTrusted?.(next.untilMs);
    }
  }

  /** Rejects where the connection is another one by then: that one is verified in its turn. */
  async function verifyConnection(): Promise<void> {
    const asked = connection;
    if (verified === asked) {
      return;
    }
    if (verifying?.connection !== asked) {
      verifying = { connection: asked, done: options.verify() };
    }
    try {
      await verifying.done;
    } catch (error) {
      verifying = undefined;
      throw error;
    }
    if (asked !== connection) {
      throw new Error("the connection broke while the leases were verified");
    }
    verified = asked;
  }

  async function renew(): Promise<void> {
    lastSentAtMs = performance.now();
    inFlight = true;
    try {
      await verifyConnection();
      const sentAtMs = performance.now();
      const alive = await redis.pexpire(keys.worker(worker), ttlMs);
      if (alive === 1) {
        lastConfirmedAtMs = sentAtMs;
        setState(confirmed(atTime(state, performance.now()), sentAtMs, ttlMs));
      } else {
        // Creating the key again would overlap with whoever has taken the channels since.
        setState(refused(state));
      }
    } catch {
      // Redis is away: tried again at the next check, until the window has passed.
    } finally {
      inFlight = false;
    }
  }

  function check(): void {
    const nowMs = performance.now();
    const next = atTime(state, nowMs);
    if (next !== state) {
      setState(next);
      return;
    }
    // A new connection is verified at once: others may wait for it.
    const due = nowMs - lastConfirmedAtMs >= ttlMs / RENEWALS_PER_TTL || verified !== connection;
    const unanswered = inFlight && nowMs - lastSentAtMs < ttlMs / RENEWALS_PER_TTL;
    if (due && !unanswered && redis.status === "ready") {
      void renew();
    }
  }

  return {
    async register() {
      const sentAtMs = performance.now();
      const taken = await runScript<number>(redis, "register-worker", [
        worker,
        ttlMs,
        options.description,
      ]).catch((error: unknown) => {
        throw fromRedisError(error, true);
      });
      if (taken !== 1) {
        throw new Error(`worker id ${worker} is taken`);
      }
      lastConfirmedAtMs = sentAtMs;
      verified = connection;
      setState(confirmed(state, sentAtMs, ttlMs));
      timer = setInterval(check, ttlMs / CHECKS_PER_TTL);
    },

    trusted() {
      return atTime(state, performance.now()).at === "trusted";
    },

    stop() {
      clearInterval(timer);
    },
  };
}
