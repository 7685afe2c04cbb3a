import type { LiveWorker } from "@pilotlight/channels";
import type { ChannelOwner } from "./channel-owner.ts";
import type { StandbyPool } from "./standby/standby-pool.ts";

/** The memory of this process and of every session's process tree, as `ps` and the board show it. */
export async function sampleFigures(
  owners: ReadonlyMap<string, ChannelOwner>,
  standby: StandbyPool,
  state: LiveWorker["state"],
): Promise<LiveWorker> {
  const sessionRssBytes: Record<string, number> = {};
  for (const [channel, owner] of owners) {
    const session = owner.session();
    if (session !== undefined) {
      sessionRssBytes[channel] = await session.rssBytes();
    }
  }
  let standbyRssBytes = 0;
  for (const session of standby.sessions()) {
    standbyRssBytes += await session.rssBytes();
  }
  return {
    state,
    rssBytes: process.memoryUsage.rss(),
    sessionRssBytes,
    standbyRssBytes,
    standby: standby.figures(),
  };
}
