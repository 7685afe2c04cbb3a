import { fromRedisError } from "../from-redis-error.ts";
import { KEY_PREFIX, keys } from "../keys.ts";
import { addToQueue } from "../queue/add-to-queue.ts";
import { commandName, runScript } from "../scripts.ts";
import type { ScheduleContext } from "./schedule-context.ts";

/** Its session is kept so long past its time, should the prompt have to wait. */
const KEPT_AFTER_DUE_MS = 60_000;

/** A delayed prompt joins its channel's queue; nothing happens where it was cancelled, or has joined. */
export async function joinQueue(context: ScheduleContext, promptId: string): Promise<void> {
  const channel = await waitingOn(context, promptId);
  if (channel === undefined) {
    return;
  }
  const transaction = (await context.base.client).multi();
  const { eventsPerChannel, retentionMs } = context.limits;
  transaction.runCommand(commandName("join-queue"), [
    KEY_PREFIX,
    promptId,
    eventsPerChannel,
    retentionMs,
  ]);
  // One that was cancelled just now is found final by whoever fetches it.
  addToQueue(transaction, context.base, channel, promptId);
  for (const [error] of (await transaction.exec()) ?? []) {
    if (error !== null) {
      throw fromRedisError(error, true);
    }
  }
}

/** Wishes that the session of a delayed prompt be open when its time comes. */
export async function warmForPrompt(
  context: ScheduleContext,
  promptId: string,
  dueMs: number,
): Promise<void> {
  const channel = await waitingOn(context, promptId);
  if (channel !== undefined) {
    const value = `${dueMs + KEPT_AFTER_DUE_MS} ${dueMs} ${promptId}`;
    await runScript(context.redis, "request-intent", [channel, "warm", value, dueMs]);
  }
}

/** The prompt's channel, where it still waits for its time. */
async function waitingOn(
  { redis }: ScheduleContext,
  promptId: string,
): Promise<string | undefined> {
  const [channel, state, notBefore] = await redis.hmget(keys.prompt(promptId), "c", "st", "nb");
  return channel != null && state === "accepted" && notBefore != null ? channel : undefined;
}
