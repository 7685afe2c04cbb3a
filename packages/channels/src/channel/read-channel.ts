import type { ChannelView } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { type ChannelRecord, decodeChannel } from "./channel-record.ts";

export async function readChannel(
  redis: Redis,
  channel: string,
): Promise<ChannelRecord | undefined> {
  return decodeChannel(await redis.hgetall(keys.channel(channel)));
}

/** As the API shows it. */
export async function readChannelView(
  redis: Redis,
  channel: string,
): Promise<ChannelView | undefined> {
  const [record, usedAt] = await Promise.all([
    readChannel(redis, channel),
    redis.zscore(keys.channels, channel),
  ]);
  return record === undefined ? undefined : channelViewOf(channel, record, Number(usedAt));
}

/** `usedAt`: as the index of channels has it (Unix ms); of one that was never used, when it was set. */
export function channelViewOf(channel: string, record: ChannelRecord, usedAt: number): ChannelView {
  const { version: _version, forgottenUntilSeq: _seq, wasUsed, sessions, ...shown } = record;
  return {
    channel,
    ...(wasUsed ? { lastUsedAt: usedAt } : {}),
    ...shown,
    sessions: sessions.map(({ id, agent, end }) => ({
      id,
      agent,
      ...(end === undefined ? {} : { end }),
    })),
  };
}
