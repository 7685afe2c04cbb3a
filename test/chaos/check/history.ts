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
}

/** Processes of agents that outlived what they belonged to. */
export interface Orphans {
  readonly after: string;
  readonly pids: readonly number[];
}

/** Everything that was seen of a campaign, from outside. */
export interface History {
  readonly accepted: readonly AcceptedPrompt[];
  /** The last record of each accepted prompt, by id. */
  readonly records: Readonly<Record<string, Prompt>>;
  /** In the order of writing. */
  readonly ledger: readonly LedgerLine[];
  readonly orphans: readonly Orphans[];
}
