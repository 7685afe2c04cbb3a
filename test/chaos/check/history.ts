import type { Prompt } from "@pilotlight/contracts";

/** A prompt that the API answered with 202. `key` names it in the ledger; `number` is its place among its channel's. */
export interface AcceptedPrompt {
  readonly id: string;
  readonly channel: string;
  readonly key: string;
  readonly number: number;
  readonly seq: number;
}

/** A line that an agent wrote when it did what a prompt asked for. */
export interface LedgerLine {
  readonly channel: string;
  readonly id: string;
  /** Unix time. */
  readonly atMs: number;
  /** The process tree that wrote it: `<owner>/<unique>`. */
  readonly tree: string;
}

/** Processes of agents that outlived what they belonged to for too long. */
export interface Orphans {
  readonly after: string;
  /** Until the last was gone, or was given up. */
  readonly tookMs: number;
  readonly pids: readonly number[];
}

/** A host stood still as a whole, with everything that could have ended its agents. */
export interface HostFreeze {
  /** The mark of the worker whose agents were on it. */
  readonly owner: string;
  /** Unix time. */
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface SeenEvent {
  /** The how manieth connection of its reader brought it. */
  readonly connection: number;
  readonly id: string;
  readonly type: string;
  readonly promptId?: string;
  /** Of a `gap`: everything after this one, up to the gap's own id, is no longer to be had. */
  readonly afterId?: string;
}

/** What one reader was told of a channel. */
export interface SeenStream {
  readonly channel: string;
  /** It listens from behind this one. */
  readonly from: string;
  readonly connections: number;
  readonly events: readonly SeenEvent[];
  /** The answer to each prompt as it was streamed, from the beginning of its last attempt. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Everything that was seen of a campaign, from outside. */
export interface History {
  readonly leaseTtlMs: number;
  readonly accepted: readonly AcceptedPrompt[];
  /** The last record of each accepted prompt, by id. */
  readonly records: Readonly<Record<string, Prompt>>;
  /** In the order of writing. */
  readonly ledger: readonly LedgerLine[];
  readonly orphans: readonly Orphans[];
  readonly freezes: readonly HostFreeze[];
  readonly streams: readonly SeenStream[];
  /** The ids in the channels' event logs at the end. Old ones may have been trimmed. */
  readonly logs: Readonly<Record<string, readonly string[]>>;
}
