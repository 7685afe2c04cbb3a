import { join } from "node:path";
import { queueNameOf } from "@pilotlight/channels";

/** Where a channel, or a session that waits for one, lives on disk. */
export interface ChannelPlace {
  /** Everything below. */
  readonly root: string;
  /** The agent's working directory. */
  readonly workspace: string;
  /** Its configuration directory: one per channel and agent, so that channels never share a session store. */
  readonly configDir: string;
}

/** A channel's own place. Ids are encoded: none of them can leave the data directory. */
export function channelPlace(dataDir: string, channel: string, agent: string): ChannelPlace {
  return placeAt(join(dataDir, "channels", queueNameOf(channel)), agent);
}

/** A place that was made for a standby session; `name` is one of ours. A channel that adopts the session keeps it. */
export function namedPlace(dataDir: string, name: string, agent: string): ChannelPlace {
  return placeAt(join(namedPlaces(dataDir), name), agent);
}

export function namedPlaces(dataDir: string): string {
  return join(dataDir, "workspaces");
}

function placeAt(root: string, agent: string): ChannelPlace {
  return { root, workspace: join(root, "workspace"), configDir: join(root, "config", agent) };
}
