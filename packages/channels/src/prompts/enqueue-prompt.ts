import type { Redis } from "@pilotlight/redis";
import type { EnqueueInput, EnqueueOutcome } from "../channels-client.ts";
import { fromRedisError } from "../from-redis-error.ts";
import { KEY_PREFIX } from "../keys.ts";
import { jobOf } from "../queue/job-of.ts";
import { backendOf, type QueueBackend } from "../queue/queue-backend.ts";
import { commandName } from "../scripts.ts";
import { readPrompt } from "./read-prompts.ts";

export interface EnqueueLimits {
  readonly queuePerChannel: number;
  readonly queueTotal: number;
  readonly eventsPerChannel: number;
  readonly retentionMs: number;
}

type EnqueueReply = [string, ...(string | number)[]];

/**
 * Accepts a prompt in one MULTI on one connection: journal and wake, the queue's meta, BullMQ's add.
 * The meta travels with every add because a queue that went cold has lost it, and a job added without it brings
 * back BullMQ's defaults: 10,000 events kept and no limit of one at a time.
 */
export async function enqueuePrompt(
  redis: Redis,
  base: QueueBackend,
  limits: EnqueueLimits,
  input: EnqueueInput,
): Promise<EnqueueOutcome> {
  const queue = backendOf(base, input.channel);
  const client = await base.client;
  const transaction = client.multi();
  transaction.runCommand(commandName("enqueue"), [
    KEY_PREFIX,
    input.channel,
    input.id,
    input.prompt,
    input.surface,
    input.metadata === undefined ? "" : JSON.stringify(input.metadata),
    input.bodyHash,
    limits.queuePerChannel,
    limits.queueTotal,
    limits.eventsPerChannel,
    limits.retentionMs,
    input.onInterrupted ?? "",
    input.idempotent === true ? "1" : "",
    input.permissions ?? "",
    input.schedule === undefined ? "" : `${input.schedule.dueMs} ${input.schedule.id}`,
  ]);
  transaction.hset(queue.keys.meta as string, { concurrency: 1, "opts.maxLenEvents": 0 });
  // The command is queued synchronously; its own promise has nothing to say.
  void queue.addJobToTransaction(transaction, jobOf(input.id), input.id);
  const replies = await transaction.exec();
  if (replies === null) {
    throw new Error("the transaction was discarded");
  }
  for (const [error] of replies) {
    if (error !== null) {
      throw fromRedisError(error, true);
    }
  }
  return await outcomeOf(redis, input, limits, replies[0]?.[1] as EnqueueReply);
}

async function outcomeOf(
  redis: Redis,
  input: EnqueueInput,
  limits: EnqueueLimits,
  reply: EnqueueReply,
): Promise<EnqueueOutcome> {
  switch (reply[0]) {
    case "accepted":
      return {
        at: "accepted",
        seq: Number(reply[1]),
        position: Number(reply[2]),
        eventId: String(reply[3]),
        previousEventId: String(reply[4]),
      };
    case "duplicate": {
      const prompt = await readPrompt(redis, input.id);
      return prompt === undefined
        ? { at: "reused", promptId: input.id }
        : { at: "duplicate", prompt, position: Number(reply[1]) };
    }
    case "reused":
      return { at: "reused", promptId: input.id };
    case "channel-full":
      return { at: "channel-full", depth: Number(reply[1]), limit: limits.queuePerChannel };
    case "store-full":
      return { at: "store-full", depth: Number(reply[1]), limit: limits.queueTotal };
    default:
      throw new Error(`unexpected answer of the enqueue script: ${String(reply[0])}`);
  }
}
