import type { ChannelView } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { Page } from "../channels-client.ts";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";
import { decodeChannel } from "./channel-record.ts";
import { channelViewOf } from "./read-channel.ts";

/** Where a page ended: the last use of its last channel, and its id, because channels may share a millisecond. */
export interface ChannelCursor {
  readonly usedAt: number;
  readonly channel: string;
}

/** Channels of one millisecond that a page can begin among. */
const MOST_AT_ONCE = 1000;

/** The last used first. A channel that is used meanwhile moves to the front: it may be seen twice, or not again. */
export async function listChannels(
  redis: Redis,
  limit: number,
  after?: ChannelCursor,
): Promise<Page<ChannelView>> {
  const entries = await entriesAfter(redis, limit, after);
  const pipeline = redis.pipeline();
  for (const { channel } of entries) {
    pipeline.hgetall(keys.channel(channel));
  }
  const replies = repliesOf(await pipeline.exec()) as Record<string, string>[];
  const items = entries.flatMap(({ channel, usedAt }, index) => {
    const record = decodeChannel(replies[index] ?? {});
    return record === undefined ? [] : [channelViewOf(channel, record, usedAt)];
  });
  const last = entries.at(-1);
  return entries.length < limit || last === undefined
    ? { items }
    : { items, nextCursor: `${last.usedAt} ${last.channel}` };
}

async function entriesAfter(
  redis: Redis,
  limit: number,
  after: ChannelCursor | undefined,
): Promise<readonly ChannelCursor[]> {
  const from = after?.usedAt ?? "+inf";
  const count = after === undefined ? limit : limit + MOST_AT_ONCE;
  const flat = await redis.zrange(
    keys.channels,
    from,
    "-inf",
    "BYSCORE",
    "REV",
    "LIMIT",
    0,
    count,
    "WITHSCORES",
  );
  const entries: ChannelCursor[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    entries.push({ channel: flat[i] as string, usedAt: Number(flat[i + 1]) });
  }
  // Redis orders equal scores by the bytes of their members, here backwards.
  return entries
    .filter(
      ({ channel, usedAt }) =>
        after === undefined || usedAt < after.usedAt || channel < after.channel,
    )
    .slice(0, limit);
}

/** @returns undefined for what no page ever named */
export function parseChannelCursor(text: string): ChannelCursor | undefined {
  const match = /^(\d{1,15}) (\S+)$/.exec(text);
  return match === null ? undefined : { usedAt: Number(match[1]), channel: match[2] as string };
}
