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
  const record = await readChannel(redis, channel);
  return record === undefined ? undefined : channelViewOf(channel, record);
}

export function channelViewOf(channel: string, record: ChannelRecord): ChannelView {
  const { version: _version, forgottenUntilSeq: _seq, sessions, ...shown } = record;
  return {
    channel,
    ...shown,
    sessions: sessions.map(({ id, agent, end }) => ({
      id,
      agent,
      ...(end === undefined ? {} : { end }),
    })),
  };
}
