import { type ChannelBlock, channelBlockSchema } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";

/** A channel of which nothing is run at the moment, and why. */
export interface BlockedChannel {
  readonly channel: string;
  readonly block: ChannelBlock;
}

/**
 * Channels that rest until a time are in `parked`, others wait for a decision about a prompt of theirs: so nothing is
 * asked about any other channel. At most `most` of each kind, the last blocked first.
 */
export async function readBlocked(redis: Redis, most: number): Promise<BlockedChannel[]> {
  const last = String(most - 1);
  const [parked, undecided] = await Promise.all([
    redis.zrange(keys.parked, 0, last),
    redis.zrange(keys.state("waiting"), 0, last),
  ]);
  const held = await readEach(redis, undecided.map(keys.prompt), "c");
  const channels = [...new Set([...parked, ...held.filter((channel) => channel !== null)])];
  const blocks = await readEach(redis, channels.map(keys.channel), "b");
  return channels
    .flatMap((channel, index) => {
      const json = blocks[index];
      // Unblocked between two round trips.
      return json == null ? [] : [{ channel, block: channelBlockSchema.parse(JSON.parse(json)) }];
    })
    .sort((a, b) => b.block.since - a.block.since);
}

/** One field of many hashes in one round trip. */
async function readEach(
  redis: Redis,
  hashes: readonly string[],
  field: string,
): Promise<(string | null)[]> {
  if (hashes.length === 0) {
    return [];
  }
  const pipeline = redis.pipeline();
  for (const hash of hashes) {
    pipeline.hget(hash, field);
  }
  return repliesOf(await pipeline.exec()) as (string | null)[];
}
