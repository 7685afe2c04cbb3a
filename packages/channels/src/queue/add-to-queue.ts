import { jobOf } from "./job-of.ts";
import { backendOf, type QueueBackend } from "./queue-backend.ts";

/** A transaction on the client of a base. */
export type QueueTransaction = Parameters<QueueBackend["addJobToTransaction"]>[0] & {
  hset(key: string, fields: Readonly<Record<string, string | number>>): unknown;
};

/**
 * Adds a prompt's job to its channel's queue as part of a transaction. The meta travels with every add because a queue
 * that went cold has lost it, and a job added without it brings back BullMQ's defaults: 10,000 events kept and no limit
 * of one at a time.
 */
export function addToQueue(
  transaction: QueueTransaction,
  base: QueueBackend,
  channel: string,
  promptId: string,
): void {
  const queue = backendOf(base, channel);
  transaction.hset(queue.keys.meta as string, { concurrency: 1, "opts.maxLenEvents": 0 });
  // The command is queued synchronously; its own promise has nothing to say.
  void queue.addJobToTransaction(transaction, jobOf(promptId), promptId);
}
