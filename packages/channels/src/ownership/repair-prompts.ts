import type { Redis } from "@pilotlight/redis";
import { KEY_PREFIX } from "../keys.ts";
import { jobOf } from "../queue/job-of.ts";
import { backendOf, type QueueBackend } from "../queue/queue-backend.ts";
import { runScript } from "../scripts.ts";

const OPEN_STATES = ["accepted", "running", "waiting"] as const;
const LOOKED_AT_PER_CALL = 200;
/** Among all workers one sweep is enough. */
const SWEEP_EVERY_MS = 55_000;

/**
 * The sweep over all prompts that are not final: a channel that has some and no owner is assigned, and a prompt without a
 * job gets one again, ahead of the others because it is the older one. Such a job can only have been removed behind our
 * back. Returns how many jobs were made again; nothing is done where another worker swept within the last minute.
 */
export async function repairPrompts(redis: Redis, base: QueueBackend): Promise<number> {
  if ((await redis.set(`${KEY_PREFIX}sweep`, "1", "PX", SWEEP_EVERY_MS, "NX")) !== "OK") {
    return 0;
  }
  let made = 0;
  for (const state of OPEN_STATES) {
    for (let first = 0; ; ) {
      const [looked, dropped, lost] = await runScript<[number, number, string[]]>(redis, "repair", [
        state,
        first,
        LOOKED_AT_PER_CALL,
      ]);
      made += await addJobs(base, lost);
      first += looked - dropped;
      if (looked < LOOKED_AT_PER_CALL) {
        break;
      }
    }
  }
  return made;
}

/** Youngest first, each to the front. */
async function addJobs(base: QueueBackend, lost: readonly string[]): Promise<number> {
  for (let i = lost.length - 2; i >= 0; i -= 2) {
    const [channel, id] = [lost[i] as string, lost[i + 1] as string];
    const transaction = (await base.client).multi();
    const queue = backendOf(base, channel);
    transaction.hset(queue.keys.meta as string, { concurrency: 1, "opts.maxLenEvents": 0 });
    void queue.addJobToTransaction(transaction, jobOf(id, { lifo: true }), id);
    await transaction.exec();
  }
  return lost.length / 2;
}
