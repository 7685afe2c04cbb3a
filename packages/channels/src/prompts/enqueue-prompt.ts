import type { Redis } from "@pilotlight/redis";
import type { EnqueueInput, EnqueueOutcome } from "../channels-client.ts";
import { fromRedisError } from "../from-redis-error.ts";
import { KEY_PREFIX } from "../keys.ts";
import { addToQueue } from "../queue/add-to-queue.ts";
import type { QueueBackend } from "../queue/queue-backend.ts";
import { addTimersOfPrompt } from "../schedules/timers-of-prompt.ts";
import { commandName } from "../scripts.ts";
import { readPrompt } from "./read-prompts.ts";

export interface EnqueueLimits {
  readonly queuePerChannel: number;
  readonly queueTotal: number;
  readonly eventsPerChannel: number;
  readonly retentionMs: number;
}

type Transaction = ReturnType<Awaited<QueueBackend["client"]>["multi"]>;

type EnqueueReply = [string, ...(string | number)[]];

/**
 * Accepts a prompt in one MULTI on one connection: journal and wake, BullMQ's add: to the channel's queue,
 * or to the timers where the prompt is to wait for its time.
 */
export async function enqueuePrompt(
  redis: Redis,
  base: QueueBackend,
  limits: EnqueueLimits,
  input: EnqueueInput,
): Promise<EnqueueOutcome> {
  const transaction = (await base.client).multi();
  addEnqueue(transaction, base, limits, input);
  const [reply] = await resultsOf(transaction);
  return await enqueueOutcomeOf(redis, input, limits, reply);
}

/** The commands of `enqueuePrompt`, the script first, as part of a transaction. */
export function addEnqueue(
  transaction: Transaction,
  base: QueueBackend,
  limits: EnqueueLimits,
  input: EnqueueInput,
): void {
  const notBeforeMs =
    input.notBeforeMs !== undefined && input.notBeforeMs > Date.now()
      ? Math.ceil(input.notBeforeMs)
      : undefined;
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
    notBeforeMs ?? "",
    input.callback?.url ?? "",
    input.callback?.endpoint ?? "",
    input.mode ?? "",
  ]);
  if (notBeforeMs === undefined) {
    addToQueue(transaction, base, input.channel, input.id);
  } else {
    addTimersOfPrompt(transaction, base, input.id, notBeforeMs);
  }
}

/** What the commands of a transaction answered. */
export async function resultsOf(transaction: Transaction): Promise<readonly unknown[]> {
  const replies = await transaction.exec();
  if (replies === null) {
    throw new Error("the transaction was discarded");
  }
  return replies.map(([error, result]) => {
    if (error !== null) {
      throw fromRedisError(error, true);
    }
    return result;
  });
}

export async function enqueueOutcomeOf(
  redis: Redis,
  input: EnqueueInput,
  limits: EnqueueLimits,
  answer: unknown,
): Promise<EnqueueOutcome> {
  const reply = answer as EnqueueReply;
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
