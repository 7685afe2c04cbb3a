import type { Prompt } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { decodePrompt } from "../prompts/prompt-record.ts";
import { repliesOf } from "../replies-of.ts";
import { queueKey } from "./queue-key.ts";

/** Where a channel's job can be. BullMQ's own names. */
const JOB_STATES = ["active", "wait", "completed", "failed"] as const;
export type JobState = (typeof JOB_STATES)[number];

export type JobCounts = Readonly<Record<JobState, number>>;

/** A job of a channel's queue with the record of its prompt, as long as the journal keeps it. */
export interface ChannelJob {
  readonly id: string;
  readonly state: JobState;
  /** BullMQ's hash of the job. */
  readonly fields: Readonly<Record<string, string>>;
  readonly prompt?: Prompt;
}

/*
 * Read with plain commands: BullMQ's own getters run scripts which may write (they tidy the marker that old
 * versions left in `wait`), and cost one connection or one round trip per queue.
 */

/** The counts of many queues in one round trip. */
export async function countJobs(redis: Redis, channels: readonly string[]): Promise<JobCounts[]> {
  if (channels.length === 0) {
    return [];
  }
  const pipeline = redis.pipeline();
  for (const channel of channels) {
    for (const state of JOB_STATES) {
      const key = queueKey(channel, state);
      isList(state) ? pipeline.llen(key) : pipeline.zcard(key);
    }
  }
  const counts = repliesOf(await pipeline.exec()).map(Number);
  return channels.map(
    (_, index) =>
      Object.fromEntries(
        JOB_STATES.map((state, offset) => [state, counts[index * JOB_STATES.length + offset]]),
      ) as Record<JobState, number>,
  );
}

/** The jobs of a channel in one state, newest first, by position. */
export async function readJobs(
  redis: Redis,
  channel: string,
  state: JobState,
  start: number,
  count: number,
): Promise<ChannelJob[]> {
  const key = queueKey(channel, state);
  const last = start + count - 1;
  const ids: string[] = isList(state)
    ? await redis.lrange(key, start, last)
    : await redis.zrange(key, start, String(last), "REV");
  return await readByIds(
    redis,
    channel,
    ids.map((id) => ({ id, state })),
  );
}

/** One job, wherever it is now; undefined once its queue has forgotten it. */
export async function readJob(
  redis: Redis,
  channel: string,
  id: string,
): Promise<ChannelJob | undefined> {
  const pipeline = redis.pipeline();
  pipeline.zscore(queueKey(channel, "completed"), id);
  pipeline.zscore(queueKey(channel, "failed"), id);
  pipeline.lpos(queueKey(channel, "active"), id);
  pipeline.lpos(queueKey(channel, "wait"), id);
  const [completed, failed, active, wait] = repliesOf(await pipeline.exec());
  const places: [unknown, JobState][] = [
    [completed, "completed"],
    [failed, "failed"],
    [active, "active"],
    [wait, "wait"],
  ];
  const state = places.find(([place]) => place !== null)?.[1];
  return state === undefined ? undefined : (await readByIds(redis, channel, [{ id, state }]))[0];
}

async function readByIds(
  redis: Redis,
  channel: string,
  places: readonly { readonly id: string; readonly state: JobState }[],
): Promise<ChannelJob[]> {
  if (places.length === 0) {
    return [];
  }
  const pipeline = redis.pipeline();
  for (const { id } of places) {
    pipeline.hgetall(queueKey(channel, id));
    pipeline.hgetall(keys.prompt(id));
  }
  const replies = repliesOf(await pipeline.exec()) as Record<string, string>[];
  return places.flatMap(({ id, state }, index) => {
    const fields = replies[index * 2] ?? {};
    const prompt = decodePrompt(id, replies[index * 2 + 1] ?? {});
    // Gone between the two round trips.
    if (fields.timestamp === undefined) {
      return [];
    }
    return [{ id, state, fields, ...(prompt === undefined ? {} : { prompt }) }];
  });
}

function isList(state: JobState): boolean {
  return state === "active" || state === "wait";
}
