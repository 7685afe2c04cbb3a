import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { FigureLine } from "../benchmark.ts";
import { inParallel } from "../harness/in-parallel.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { settledMemory } from "../harness/settled-memory.ts";

/** What a BullMQ queue leaves behind that carried one job, itself removed, and is never used again. */
export async function queuePerChannel(queues: number): Promise<FigureLine[]> {
  const server = await startPrivateRedis();
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  try {
    await useOnce("first", connection);
    const before = await settledMemory(server.observer);
    const names = Array.from({ length: queues }, (_, i) => `channel-${i}`);
    await inParallel(names, 4, (name) => useOnce(name, connection));
    const after = await settledMemory(server.observer);
    return [
      {
        what: "Redis memory of a channel used once",
        arm: "BullMQ queue left behind",
        value: Math.round((after - before) / queues),
        unit: "B",
      },
    ];
  } finally {
    connection.disconnect();
    await server.stop();
  }
}

async function useOnce(name: string, connection: Redis): Promise<void> {
  const queue = new Queue(name, { connection });
  const worker = new Worker(name, null, { connection, autorun: false });
  await queue.add("prompt", { prompt: "hello" }, { removeOnComplete: true });
  const job = await worker.getNextJob("token", { block: false });
  if (job === undefined) {
    throw new Error(`${name}: the job that was added is not there`);
  }
  await job.moveToCompleted("done", "token", false);
  await worker.close();
  await queue.close();
}
