import {
  type ChannelBlock,
  type ChannelSettings,
  channelBlockSchema,
  channelSettingsSchema,
} from "@pilotlight/contracts";
import { z } from "zod";

const storedSessionSchema = z.object({
  i: z.string(),
  a: z.string(),
  d: z.string(),
  x: z.enum(["closed", "lost", "unknown"]).optional(),
  q: z.number().optional(),
});

/**
 * How a session ended.
 *
 * - `closed`: by us, in order
 * - `lost`: its agent died
 * - `unknown`: its store did not know it any more; it is not tried again
 */
export type SessionEnding = "closed" | "lost" | "unknown";

/** An ACP session that holds, or held, a channel's conversation. */
export interface ChannelSession {
  readonly id: string;
  readonly agent: string;
  /** Names the session store that knows it: elsewhere the id means nothing. */
  readonly store: string;
  /** Absent while it is open, and where its worker died. */
  readonly end?: SessionEnding;
  /** Where the conversation went on in another session: number of the last prompt that this one may know. */
  readonly knowsUntilSeq?: number;
}

/** What is kept of a channel for good, as long as it is known at all. */
export interface ChannelRecord {
  readonly settings: ChannelSettings;
  /** Of the settings; another one after each change, "" before the first. */
  readonly version: string;
  /** Unix milliseconds. */
  readonly lastUsedAt?: number;
  readonly lastOutcome?: { readonly state: string; readonly promptId: string };
  readonly blocked?: ChannelBlock;
  /** Name of the workspace that was adopted with a standby session. */
  readonly workspace?: string;
  /** Prompts up to this number belong to a conversation that was reset. */
  readonly forgottenUntilSeq?: number;
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
  const { oi, y, cf, mo, sf, cs, cm, v = "", u, lo, b, w, fg } = fields;
  return {
    settings: channelSettingsSchema.parse({
      ...(cf === undefined ? {} : JSON.parse(cf)),
      ...(oi === undefined ? {} : { onInterrupted: oi }),
      ...(y === undefined ? {} : { priority: Number(y) }),
      ...(mo === undefined ? {} : { mode: mo }),
      ...(sf === undefined ? {} : { steerFallback: sf }),
      ...(cs === undefined ? {} : { collectSecs: Number(cs) / 1000 }),
      ...(cm === undefined ? {} : { collectMost: Number(cm) }),
    }),
    version: v,
    ...(u === undefined ? {} : { lastUsedAt: Number(u) }),
    ...(lo === undefined ? {} : { lastOutcome: decodeOutcome(lo) }),
    ...(b === undefined ? {} : { blocked: channelBlockSchema.parse(JSON.parse(b)) }),
    ...(w === undefined ? {} : { workspace: w }),
    ...(fg === undefined ? {} : { forgottenUntilSeq: Number(fg) }),
    sessions: decodeSessions(sessionsText(fields)),
  };
}

/** ASCII. The field names are short because every channel ever used keeps them. */
export function encodeSessions(sessions: readonly ChannelSession[]): string {
  return JSON.stringify(
    sessions.slice(0, MOST_SESSIONS).map(({ id, agent, store, end, knowsUntilSeq }) => ({
      i: id,
      a: agent,
      d: store,
      x: end,
      q: knowsUntilSeq,
    })),
  ).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** It is kept in pieces: see `scripts/shared/sessions.lua`. */
function sessionsText(fields: Readonly<Record<string, string>>): string {
  let text = "";
  for (let i = 1; fields[`s${i}`] !== undefined; i += 1) {
    text += fields[`s${i}`];
  }
  return text;
}

/** As `set-channel` takes them: those that scripts read one by one, the others as one field; "" for none. */
export function encodeSettings(settings: ChannelSettings): (string | number)[] {
  const { onInterrupted, priority, mode, steerFallback, collectSecs, collectMost, ...others } =
    settings;
  return [
    onInterrupted ?? "",
    priority ?? "",
    Object.keys(others).length === 0 ? "" : JSON.stringify(others),
    mode ?? "",
    steerFallback ?? "",
    collectSecs === undefined ? "" : Math.round(collectSecs * 1000),
    collectMost ?? "",
  ];
}

function decodeOutcome(text: string): { state: string; promptId: string } {
  const [state = "", promptId = ""] = text.split(" ");
  return { state, promptId };
}

function decodeSessions(json: string): ChannelSession[] {
  if (json === "") {
    return [];
  }
  return z
    .array(storedSessionSchema)
    .parse(JSON.parse(json))
    .map(({ i, a, d, x, q }) => ({
      id: i,
      agent: a,
      store: d,
      ...(x === undefined ? {} : { end: x }),
      ...(q === undefined ? {} : { knowsUntilSeq: q }),
    }));
}
