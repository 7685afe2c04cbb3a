import type { ChannelBlock, SessionView, WorkerView } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { readLive } from "../live/read-live.ts";
import { countPromptsByState, type PromptCounts } from "../prompts/count-prompts.ts";
import { countJobs, type JobCounts } from "../queue/read-jobs.ts";
import { repliesOf } from "../replies-of.ts";
import { countSchedules, type ScheduleCounts } from "./board-schedules.ts";
import { type BlockedChannel, readBlocked } from "./read-blocked.ts";

/** A channel that has a live session, something to do, or is blocked. */
export interface ShownChannel {
  readonly channel: string;
  /** The worker that holds its lease. */
  readonly owner?: string;
  readonly session?: SessionView;
  /** Why nothing of it is run. */
  readonly block?: ChannelBlock;
  readonly jobs: JobCounts;
}

/** What there is at one moment. A cold channel costs nothing and is not in it. */
export interface Picture {
  readonly atMs: number;
  readonly workers: readonly WorkerView[];
  readonly sessions: readonly SessionView[];
  /** By channel id; at most as many as were asked for. */
  readonly channels: readonly ShownChannel[];
  /** Channels that would also be shown were there room. */
  readonly hiddenChannels: number;
  readonly prompts: PromptCounts;
  /** The last blocked first; at most as many of a kind as channels were asked for. */
  readonly blocked: readonly BlockedChannel[];
  readonly schedules: ScheduleCounts;
  /** Questions of agents that wait for an answer. */
  readonly questions: number;
}

/**
 * A channel with a prompt to run is in `assign` or in its owner's `owned` set, a channel with a session is in its
 * owner's live records, a blocked one in an index of its own: so these name all that is to be shown, without looking at
 * any other channel.
 */
export async function readPicture(redis: Redis, mostChannels: number): Promise<Picture> {
  const [live, incarnations, waiting, assigned, prompts, blocked, schedules, questions] =
    await Promise.all([
      readLive(redis),
      redis.hkeys(keys.workers),
      redis.zcard(keys.assign),
      redis.zrange(keys.assign, 0, String(mostChannels - 1)),
      countPromptsByState(redis),
      readBlocked(redis, mostChannels),
      countSchedules(redis),
      redis.zcard(keys.questions),
    ]);
  const owners = await readOwners(redis, incarnations);
  const sessions = new Map(live.sessions.map((session) => [session.channel, session]));
  const blocks = new Map(blocked.map(({ channel, block }) => [channel, block]));
  // Those with a session come first where there is no room for all.
  const all = new Set([...sessions.keys(), ...blocks.keys(), ...owners.keys(), ...assigned]);
  const shown = [...all].slice(0, mostChannels).sort();
  const counts = await countJobs(redis, shown);
  const isAssigned = new Set(assigned);
  const channels = shown.flatMap((channel, index) => {
    const jobs = counts[index] as JobCounts;
    const session = sessions.get(channel);
    const block = blocks.get(channel);
    const owner = session?.worker ?? owners.get(channel);
    const isQuiet = jobs.active + jobs.wait + jobs.completed + jobs.failed === 0;
    if (session === undefined && block === undefined && isQuiet && !isAssigned.has(channel)) {
      return [];
    }
    return [
      {
        channel,
        jobs,
        ...(owner === undefined ? {} : { owner }),
        ...(session === undefined ? {} : { session }),
        ...(block === undefined ? {} : { block }),
      },
    ];
  });
  return {
    atMs: Date.now(),
    ...live,
    channels,
    hiddenChannels: all.size - shown.length + (waiting - assigned.length),
    prompts,
    blocked,
    schedules,
    questions,
  };
}

/** Channel to owner, for every incarnation that has not been pruned. */
async function readOwners(
  redis: Redis,
  incarnations: readonly string[],
): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  if (incarnations.length === 0) {
    return owners;
  }
  const pipeline = redis.pipeline();
  for (const worker of incarnations) {
    pipeline.smembers(keys.owned(worker));
  }
  for (const [index, channels] of repliesOf(await pipeline.exec()).entries()) {
    for (const channel of channels as string[]) {
      owners.set(channel, incarnations[index] as string);
    }
  }
  return owners;
}
