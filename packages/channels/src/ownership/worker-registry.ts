import type { Logger } from "@pilotlight/lifecycle";
import { connectRedis, defineScripts, whenReady } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { type WorkerDescription, workerDescriptionSchema } from "../live/live-session.ts";
import { runScript, scripts } from "../scripts.ts";

export interface RegisteredWorker {
  readonly id: string;
  readonly description: WorkerDescription;
}

/** What the parent of a worker may say about incarnations, over one connection. Calls reject while Redis is away. */
export interface WorkerRegistry {
  /** All incarnations that registered and were not removed yet, the dead ones too. */
  list(): Promise<readonly RegisteredWorker[]>;
  /** Whether its leases are alive: nobody else may claim its channels. */
  isLeased(worker: string): Promise<boolean>;
  /** Removes an incarnation that is gone with all its agents: its channels may be claimed at once. */
  revoke(worker: string): Promise<void>;
  close(): void;
}

export interface OpenWorkerRegistryOptions {
  readonly url: string;
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  readonly log: Logger;
}

const READY_WAIT_MS = 2000;
const ANSWER_WAIT_MS = 2000;
const PRUNED_PER_CALL = 200;

/** Does not wait for Redis: whoever ends dead workers must not be held up by it. */
export function openWorkerRegistry(options: OpenWorkerRegistryOptions): WorkerRegistry {
  const redis = connectRedis({ ...options, answerWithinMs: ANSWER_WAIT_MS });
  // Loaded again at every `ready`; before the first one there is nobody to load them into.
  defineScripts(redis, scripts).catch(() => undefined);

  return {
    async list() {
      await whenReady(redis, READY_WAIT_MS);
      const described = Object.entries<string>(await redis.hgetall(keys.workers));
      return described.map(([id, json]) => ({
        id,
        description: workerDescriptionSchema.parse(JSON.parse(json)),
      }));
    },

    async isLeased(worker) {
      await whenReady(redis, READY_WAIT_MS);
      return (await redis.exists(keys.worker(worker))) === 1;
    },

    async revoke(worker) {
      await whenReady(redis, READY_WAIT_MS);
      for (;;) {
        const [outcome] = await runScript<string[]>(redis, "prune-worker", [
          worker,
          "leaving",
          PRUNED_PER_CALL,
        ]);
        if (outcome !== "more") {
          return;
        }
      }
    },

    close() {
      redis.disconnect();
    },
  };
}
