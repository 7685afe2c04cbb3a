import type { Logger } from "@pilotlight/lifecycle";
import { connectRedis } from "@pilotlight/redis";
import { keys } from "./keys.ts";

export interface ReplicaGuardOptions {
  readonly url: string;
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  readonly log: Logger;
  /** How many replicas must have a write before it counts; 0 asks nobody and connects nowhere. */
  readonly minReplicas: number;
}

/** Whether what was written is kept by replicas, too. */
export interface ReplicaGuard {
  /**
   * Resolves once the replicas have everything that this process was told to be written before the call.
   *
   * @throws Error `NOREPLICAS ...` where fewer than asked for say so within a second; the write may have happened.
   */
  confirm(): Promise<void>;
  close(): void;
}

const WAIT_MS = 1000;
/** Beyond what the server itself waits. */
const ANSWER_MARGIN_MS = 1000;

/**
 * `WAIT` speaks for the writes of its own connection and holds it up meanwhile. So it has one to itself, with a write of
 * its own: the replicas take writes in order, and who has this one has all before it. One question at a time answers
 * everybody who came before it was asked.
 */
export function openReplicaGuard(options: ReplicaGuardOptions): ReplicaGuard {
  const { minReplicas } = options;
  if (minReplicas === 0) {
    return { confirm: () => Promise.resolve(), close: () => undefined };
  }
  const redis = connectRedis({
    url: options.url,
    name: options.name,
    log: options.log,
    answerWithinMs: WAIT_MS + ANSWER_MARGIN_MS,
  });
  let asking: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const [, replicas] = await Promise.all([
      redis.set(keys.replicated, Date.now()),
      redis.wait(minReplicas, WAIT_MS),
    ]);
    if (replicas < minReplicas) {
      throw new Error(`NOREPLICAS ${replicas} of ${minReplicas} replicas acknowledged the write`);
    }
  }

  async function askAfter(before: Promise<void>): Promise<void> {
    await Promise.allSettled([before]);
    next = undefined;
    asking = ask();
    await asking;
  }

  return {
    confirm() {
      next ??= askAfter(asking);
      return next;
    },
    close: () => redis.disconnect(),
  };
}
