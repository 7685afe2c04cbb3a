import {
  type ChannelBlock,
  type ChannelSettings,
  channelBlockSchema,
  channelSettingsSchema,
  type FinalPromptState,
} from "@pilotlight/contracts";
import { z } from "zod";

/** Id, agent, store, end, number of the last prompt that it may know. Without names: every channel ever used keeps it. */
const storedSessionSchema = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.enum(["closed", "lost", "unknown"]).nullish(),
  z.number().optional(),
]);

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
  /** Prompts were handed in; the index of channels knows when the last one was. */
  readonly wasUsed: boolean;
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
const NO_SESSIONS = "[]";

/** Undefined where the hash holds nothing of a channel. */
export function decodeChannel(fields: Readonly<Record<string, string>>): ChannelRecord | undefined {
  if (Object.keys(fields).length === 0) {
    return undefined;
  }
  const { oi, y, cf, mo, sf, cs, cm, v = "", e, lo, b, w, fg } = fields;
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
    wasUsed: e !== undefined,
    ...(lo === undefined ? {} : { lastOutcome: decodeOutcome(lo) }),
    ...(b === undefined ? {} : { blocked: channelBlockSchema.parse(JSON.parse(b)) }),
    ...(w === undefined ? {} : { workspace: w }),
    ...(fg === undefined ? {} : { forgottenUntilSeq: Number(fg) }),
    sessions: decodeSessions(sessionsText(fields)),
  };
}

/** As ASCII, which can be cut anywhere, and without the outer brackets: with them one session needs a second piece. */
export function encodeSessions(sessions: readonly ChannelSession[]): string {
  const json = JSON.stringify(
    sessions.slice(0, MOST_SESSIONS).map(({ id, agent, store, end, knowsUntilSeq }) => {
      const known = [id, agent, store, end ?? null, knowsUntilSeq].filter(
        (value) => value !== undefined,
      );
      return known.at(-1) === null ? known.slice(0, -1) : known;
    }),
  ).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return json === NO_SESSIONS ? json : json.slice(2, -2);
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

/** The letters of `settle_prompt`. */
const OUTCOMES: Readonly<Record<string, FinalPromptState>> = {
  c: "completed",
  f: "failed",
  x: "cancelled",
  i: "interrupted",
};

function decodeOutcome(text: string): { state: string; promptId: string } {
  return { state: OUTCOMES[text.charAt(0)] ?? "unknown", promptId: text.slice(1) };
}

function decodeSessions(text: string): ChannelSession[] {
  if (text === "" || text === NO_SESSIONS) {
    return [];
  }
  return z
    .array(storedSessionSchema)
    .parse(JSON.parse(`[[${text}]]`))
    .map(([id, agent, store, end, knowsUntilSeq]) => ({
      id,
      agent,
      store,
      ...(end == null ? {} : { end }),
      ...(knowsUntilSeq === undefined ? {} : { knowsUntilSeq }),
    }));
}
