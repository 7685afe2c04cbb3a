import { performance } from "node:perf_hooks";
import { Queue, Worker } from "bullmq";

/** BullMQ as it is: a delayed job and a worker that waits for it. */
export interface DelayedJobs {
  /** Resolves with how late the job was served (ms). */
  latenessMs(dueMs: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startDelayedJobs(redisUrl: string): Promise<DelayedJobs> {
  const connection = { url: redisUrl };
  const queue = new Queue("raw", { connection });
  const served = new Map<number, (latenessMs: number) => void>();
  const worker = new Worker<{ dueMs: number }>(
    "raw",
    async ({ data: { dueMs } }) => {
      served.get(dueMs)?.(performance.timeOrigin + performance.now() - dueMs);
      served.delete(dueMs);
    },
    { connection, concurrency: 100 },
  );
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  return {
    async latenessMs(dueMs) {
      const { promise, resolve } = Promise.withResolvers<number>();
      served.set(dueMs, resolve);
      await queue.add("due", { dueMs }, { delay: dueMs - Date.now(), removeOnComplete: true });
      return await promise;
    },
    async stop() {
      await worker.close();
      await queue.close();
    },
  };
}
