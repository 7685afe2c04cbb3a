import { join } from "node:path";
import { queueNameOf } from "@pilotlight/channels";

/** Where a channel lives on disk. Ids are encoded: none of them can leave the data directory. */
export interface ChannelPlace {
  /** The agent's working directory. */
  readonly workspace: string;
  /** Its configuration directory: one per channel and agent, so that channels never share a session store. */
  readonly configDir: string;
}

export function channelPlace(dataDir: string, channel: string, agent: string): ChannelPlace {
  const root = join(dataDir, "channels", queueNameOf(channel));
  return { workspace: join(root, "workspace"), configDir: join(root, "config", agent) };
}
