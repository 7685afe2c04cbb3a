import type { Redis } from "@pilotlight/redis";
import { createRedisBackend, type RedisQueueBackend } from "bullmq";
import { QUEUE_PREFIX } from "../keys.ts";
import { queueNameOf } from "./queue-name.ts";

/** The lease decides who may run a job, so its lock must merely outlive any turn. */
const LOCK_DURATION_MS = 7 * 86_400_000;

/** One base for all queues of a process: siblings share its connection and take its lock options. */
export type QueueBackend = RedisQueueBackend;

/** Resolves once BullMQ's scripts are defined on the client. The caller keeps the client and closes it. */
export async function openQueueBackend(
  redis: Redis,
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  const backend = createRedisBackend(
    "base",
    {
      connection: redis,
      prefix: QUEUE_PREFIX,
      lockDuration: LOCK_DURATION_MS,
      skipVersionCheck: true,
    } as Parameters<typeof createRedisBackend>[1],
    {},
  );
  backend.on("error", onError);
  await backend.waitUntilReady();
  return backend;
}

/** The sibling for one channel. */
export function backendOf(base: QueueBackend, channel: string): QueueBackend {
  return base.forQueue(queueNameOf(channel), QUEUE_PREFIX) as QueueBackend;
}
