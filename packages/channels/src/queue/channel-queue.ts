import type { FinalPromptState } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { MinimalJob } from "bullmq";
import { backendOf, type QueueBackend } from "./queue-backend.ts";

/** Finished jobs that a warm channel keeps for the board. */
const KEPT_JOBS = 20;

export interface FinishedJob {
  readonly id: string;
  readonly state: FinalPromptState;
  /** Short text for the board: the end of the answer, or why it failed. */
  readonly summary: string;
}

/** BullMQ's side of one owned channel: fetched by hand, one job at a time, in order. */
export interface ChannelQueue {
  /** Moves the next job to active under the owner's token; its id, or undefined where none waits. */
  fetch(): Promise<string | undefined>;
  /** Completes an active job; with `fetchNext` the next one comes in the same round trip. */
  finish(job: FinishedJob, fetchNext: boolean): Promise<string | undefined>;
  /** Returns what an earlier owner left active to the front of the queue. */
  returnActive(): Promise<void>;
}

export function createChannelQueue(
  redis: Redis,
  base: QueueBackend,
  channel: string,
  token: string,
): ChannelQueue {
  const backend = backendOf(base, channel);

  return {
    async fetch() {
      return nextJobId(await backend.moveToActive(token));
    },

    async finish(job, fetchNext) {
      const minimal = { id: job.id, opts: { attempts: 1 } } as unknown as MinimalJob;
      const kept = { count: KEPT_JOBS };
      const args =
        job.state === "completed" || job.state === "cancelled"
          ? backend.moveToCompletedArgs(
              minimal,
              JSON.stringify(job.summary),
              kept,
              token,
              fetchNext,
            )
          : backend.moveToFailedArgs(minimal, job.summary, kept, token, fetchNext);
      return nextJobId(await backend.moveToFinished(job.id, args));
    },

    async returnActive() {
      const ids = await redis.lrange(backend.toKey("active"), 0, -1);
      // Oldest last in the list: returned one by one to the front, the order stays.
      for (const id of ids) {
        // Naming the token that stands on the job refuses a rescuer that looked too long ago.
        const holder = (await redis.get(`${backend.toKey(id)}:lock`)) ?? "0";
        await backend.moveJobFromActiveToWait(id, holder);
      }
    },
  };
}

function nextJobId(reply: unknown): string | undefined {
  const id = Array.isArray(reply) && reply[0] ? reply[1] : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}
