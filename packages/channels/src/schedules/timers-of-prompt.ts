import type { QueueTransaction } from "../queue/add-to-queue.ts";
import type { QueueBackend } from "../queue/queue-backend.ts";
import { FIRE_AHEAD_MS } from "./add-timers.ts";
import { queueTimerJobs } from "./timer-jobs.ts";

/** How long before its time the session of a delayed prompt is opened. */
const WARM_AHEAD_MS = 30_000;

/** The jobs for a prompt that waits for its time: one that opens its session, one that has it join its queue. */
export function addTimersOfPrompt(
  transaction: QueueTransaction,
  base: QueueBackend,
  promptId: string,
  dueMs: number,
): void {
  const warmMs = dueMs - WARM_AHEAD_MS;
  queueTimerJobs(transaction, base, [
    { job: { kind: "ready", promptId, dueMs, atMs: warmMs }, atMs: warmMs },
    { job: { kind: "join", promptId, dueMs }, atMs: dueMs - FIRE_AHEAD_MS },
  ]);
}
