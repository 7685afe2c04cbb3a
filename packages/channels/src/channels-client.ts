import type {
  ChannelEvent,
  ChannelSettings,
  ChannelView,
  Decision,
  InterruptionPolicy,
  PermissionPolicy,
  Prompt,
  PromptMode,
  PromptState,
  SessionView,
  Surface,
  TakenDecision,
  WorkerView,
} from "@pilotlight/contracts";
import type { CallbackOutbox } from "./callbacks/callback-outbox.ts";
import type { ChannelCursor } from "./channel/list-channels.ts";
import type { WorkerHealth } from "./live/read-live.ts";
import type { CancelOutcome } from "./prompts/cancel-prompt.ts";
import type { QuestionStore } from "./questions/question-store.ts";
import type { ScheduleStore } from "./schedules/schedule-store.ts";

/** What a client hands in for one prompt. */
export interface EnqueueInput {
  readonly id: string;
  readonly channel: string;
  readonly prompt: string;
  readonly surface: Surface;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly onInterrupted?: InterruptionPolicy;
  readonly idempotent?: boolean;
  /** Default: its channel's. */
  readonly mode?: PromptMode;
  /** Who answers for it when the agent asks; default: its channel. */
  readonly permissions?: PermissionPolicy;
  /** When it joins its channel's queue (Unix ms); past: at once. */
  readonly notBeforeMs?: number;
  /** Where its callbacks go; `endpoint` is what is tried, fails and rests together. */
  readonly callback?: { readonly url: string; readonly endpoint: string };
  /** The due time that it belongs to. */
  readonly schedule?: { readonly id: string; readonly dueMs: number };
  /** SHA-256 of the request body: tells a repeated request from another one under the same key. */
  readonly bodyHash: string;
}

export type EnqueueOutcome =
  | {
      readonly at: "accepted";
      readonly seq: number;
      /** Unfinished prompts of the channel, this one included. */
      readonly position: number;
      /** Id of the prompt's `accepted` event. */
      readonly eventId: string;
      /** Id of the channel's event just before it: stream from here to see the whole turn. */
      readonly previousEventId: string;
    }
  | {
      readonly at: "duplicate";
      readonly prompt: Prompt;
      /** As it was told when the prompt was accepted. */
      readonly position: number;
    }
  | { readonly at: "reused"; readonly promptId: string }
  | { readonly at: "channel-full"; readonly depth: number; readonly limit: number }
  | { readonly at: "store-full"; readonly depth: number; readonly limit: number };

/** What became of a decision about a prompt. */
export type DecideOutcome =
  | { readonly at: "decided"; readonly decision: TakenDecision }
  /** The same was decided before. */
  | { readonly at: "same"; readonly decision: TakenDecision }
  | { readonly at: "other"; readonly decision: TakenDecision }
  /** It waits for no decision, and never did since it was last asked. */
  | { readonly at: "not-waiting"; readonly state: PromptState }
  | { readonly at: "missing" };

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

export interface PromptFilter {
  readonly channel?: string;
  readonly state?: PromptState;
  readonly cursor?: string;
  /** 1 to 200. */
  readonly limit: number;
}

export interface StreamOptions {
  /** Stream what comes after this event id; `"now"` starts with the next event. */
  readonly after: string | "now";
  readonly signal: AbortSignal;
  /** End where the log ends instead of waiting for what comes next. */
  readonly onlyLogged?: boolean;
  /** Told once, before the first array: the event after which the stream begins. */
  onListening?(afterEventId: string): void;
}

/**
 * What ingress, board and tests ask of Redis. Every call has a deadline of its own
 * and fails with a `StoreUnavailableError` (`outcome: "none" | "unknown"`).
 */
export interface ChannelsClient {
  readonly schedules: ScheduleStore;
  readonly questions: QuestionStore;
  /** What waits to be sent to callback URLs. */
  readonly callbacks: CallbackOutbox;
  /** Accepts a prompt durably: one MULTI with journal, wake and job. */
  enqueue(input: EnqueueInput): Promise<EnqueueOutcome>;
  getPrompt(id: string): Promise<Prompt | undefined>;
  /** Newest first. */
  listPrompts(filter: PromptFilter): Promise<Page<Prompt>>;
  /** A person's word about a prompt that waits for a decision; `by` is the id of the API key. */
  decide(promptId: string, decision: Decision, by: string): Promise<DecideOutcome>;
  /** A prompt that has not begun, or waits, is cancelled at once; one that runs is left to its owner. */
  cancel(promptId: string): Promise<CancelOutcome>;
  /** Undefined where the channel was never used and has no settings. */
  getChannel(channel: string): Promise<ChannelView | undefined>;
  /** Replaces all settings of the channel. */
  setChannel(channel: string, settings: ChannelSettings): Promise<void>;
  /** The last used first; `cursor` as an earlier page named it. */
  listChannels(limit: number, cursor?: ChannelCursor): Promise<Page<ChannelView>>;
  /** Forgets settings and sessions; a session that is open is closed first. `busy` where prompts are not finished. */
  forgetChannel(channel: string): Promise<"busy" | "closing" | "gone">;
  /** An intent: the next turn begins a new conversation. Also ends a rest after failures or a usage limit. */
  requestReset(channel: string): Promise<void>;
  /** Intents: the owner opens or closes the channel's session when it next looks. */
  requestWarm(channel: string): Promise<void>;
  requestCool(channel: string): Promise<void>;
  /** How often each thing was done that nobody hopes for: answers carried over, questions asked again, and the like. */
  readCounts(): Promise<Readonly<Record<string, number>>>;
  listSessions(): Promise<readonly SessionView[]>;
  getSession(channel: string): Promise<SessionView | undefined>;
  listWorkers(): Promise<readonly WorkerView[]>;
  /** What each live worker knows of its agents. */
  listWorkerHealth(): Promise<readonly WorkerHealth[]>;
  /**
   * Asks every worker to probe the agent now, and gives the name of this wish: a worker has seen to it once the
   * `answered` of its agent is not smaller.
   */
  requestProbe(agent: string): Promise<number>;
  /**
   * The channel's events in order, without gap or duplicate; a `gap` event says where the log was trimmed.
   * Yields arrays: what has come since the last read. Ends when the signal aborts.
   */
  streamEvents(
    channel: string,
    options: StreamOptions,
  ): AsyncGenerator<readonly ChannelEvent[], void, void>;
  /** Id of the channel's event before the prompt's first one, to replay its whole turn. */
  eventIdBeforePrompt(promptId: string): Promise<string | undefined>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
