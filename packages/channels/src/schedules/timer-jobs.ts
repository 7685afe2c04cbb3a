import { QUEUE_PREFIX } from "../keys.ts";
import type { QueueTransaction } from "../queue/add-to-queue.ts";
import type { QueueBackend } from "../queue/queue-backend.ts";

/** No channel's queue is called so: there `~` is followed by two hexadecimal digits. */
export const TIMERS_QUEUE = "~timers";

export interface WarmJob {
  readonly kind: "warm";
  readonly schedule: string;
  readonly dueMs: number;
  /** When its session is to be open at the latest moment for that (Unix ms); `exact`: when it is opened. */
  readonly atMs: number;
  /** Absent: the job comes ahead, to find its place among those that are due together. */
  readonly exact?: true;
}

/**
 * What is to be done ahead of a moment, or at it.
 *
 * - `fire`, `warm`: see to a due time of a schedule, open its session ahead
 * - `join`, `ready`: have a prompt join its queue, open its session ahead
 */
export type TimerJob =
  | { readonly kind: "fire"; readonly schedule: string; readonly dueMs: number }
  | WarmJob
  | { readonly kind: "join"; readonly promptId: string; readonly dueMs: number }
  | {
      readonly kind: "ready";
      readonly promptId: string;
      readonly dueMs: number;
      /** When its session is opened (Unix ms). */
      readonly atMs: number;
    };

export interface TimedJob {
  readonly job: TimerJob;
  /** Unix milliseconds; past: at once. */
  readonly atMs: number;
}

/** Adds delayed jobs, each once however often it is added while it is there. */
export async function addTimerJobs(base: QueueBackend, timed: readonly TimedJob[]): Promise<void> {
  const transaction = (await base.client).multi();
  queueTimerJobs(transaction as QueueTransaction, base, timed);
  for (const [error] of (await transaction.exec()) ?? []) {
    if (error !== null) {
      throw error;
    }
  }
}

/** The same as part of a transaction. */
export function queueTimerJobs(
  transaction: QueueTransaction,
  base: QueueBackend,
  timed: readonly TimedJob[],
): void {
  const queue = base.forQueue(TIMERS_QUEUE, QUEUE_PREFIX) as QueueBackend;
  transaction.hset(queue.keys.meta as string, { "opts.maxLenEvents": 0 });
  const nowMs = Date.now();
  for (const { job, atMs } of timed) {
    const delay = Math.max(0, Math.round(atMs - nowMs));
    const opts = { attempts: 1, removeOnComplete: true, removeOnFail: true, delay };
    const data = JSON.stringify(job);
    const added = { id: idOf(job), name: job.kind, data, opts, delay, timestamp: nowMs };
    // The command is queued synchronously; its own promise has nothing to say.
    void queue.addJobToTransaction(
      transaction,
      added as unknown as Parameters<QueueBackend["addJobToTransaction"]>[1],
      idOf(job),
    );
  }
}

function idOf(job: TimerJob): string {
  if ("promptId" in job) {
    return `${job.kind}.${job.promptId}`;
  }
  const id = `${job.kind}.${job.schedule}@${job.dueMs}`;
  return job.kind === "warm" && job.exact === true ? `${id}.${job.atMs}` : id;
}
