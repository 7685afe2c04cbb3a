import {
  type ChannelBlock,
  type ChannelSettings,
  channelBlockSchema,
  channelSettingsSchema,
} from "@pilotlight/contracts";
import { z } from "zod";

const storedSessionSchema = z.object({ i: z.string(), a: z.string(), d: z.string() });

/** An ACP session that holds, or held, a channel's conversation. */
export interface ChannelSession {
  readonly id: string;
  readonly agent: string;
  /** Names the session store that knows it: elsewhere the id means nothing. */
  readonly store: string;
}

/** What is kept of a channel for good, as long as it is known at all. */
export interface ChannelRecord {
  readonly settings: ChannelSettings;
  /** Unix milliseconds. */
  readonly lastUsedAt?: number;
  readonly blocked?: ChannelBlock;
  /** Newest first; only such as were prompted, because no other can be resumed. */
  readonly sessions: readonly ChannelSession[];
}

/** Sessions that a channel remembers. */
const MOST_SESSIONS = 10;

/** Undefined where the hash holds nothing of a channel. */
export function decodeChannel(fields: Readonly<Record<string, string>>): ChannelRecord | undefined {
  if (Object.keys(fields).length === 0) {
    return undefined;
  }
  const { oi, y, u, b, s } = fields;
  return {
    settings: channelSettingsSchema.parse({
      ...(oi === undefined ? {} : { onInterrupted: oi }),
      ...(y === undefined ? {} : { priority: Number(y) }),
    }),
    ...(u === undefined ? {} : { lastUsedAt: Number(u) }),
    ...(b === undefined ? {} : { blocked: channelBlockSchema.parse(JSON.parse(b)) }),
    sessions: s === undefined ? [] : decodeSessions(s),
  };
}

/** The field names are short because every channel ever used keeps them. */
export function encodeSessions(sessions: readonly ChannelSession[]): string {
  return JSON.stringify(
    sessions.slice(0, MOST_SESSIONS).map(({ id, agent, store }) => ({ i: id, a: agent, d: store })),
  );
}

function decodeSessions(json: string): ChannelSession[] {
  return z
    .array(storedSessionSchema)
    .parse(JSON.parse(json))
    .map(({ i, a, d }) => ({ id: i, agent: a, store: d }));
}
