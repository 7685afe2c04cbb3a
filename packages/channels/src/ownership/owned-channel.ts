import {
  type ChannelEventType,
  type FinalPromptState,
  isFinalPromptState,
  type PermissionPolicy,
  type Prompt,
  type PromptState,
  type QuestionType,
  type Recovery,
  type SessionOpening,
} from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import {
  type ChannelRecord,
  type ChannelSession,
  encodeSessions,
} from "../channel/channel-record.ts";
import { readChannel } from "../channel/read-channel.ts";
import { keys } from "../keys.ts";
import type { LiveSession } from "../live/live-session.ts";
import { type Interruption, readInterruption } from "../prompts/interruption-record.ts";
import { type PromptResult, promptResultSchema } from "../prompts/prompt-record.ts";
import { listPrompts } from "../prompts/read-prompts.ts";
import { type OwnedQuestions, ownQuestions } from "../questions/owned-questions.ts";
import { waitsForAnswer } from "../questions/waits-for-answer.ts";
import { type ChannelQueue, createChannelQueue, type FinishedJob } from "../queue/channel-queue.ts";
import type { QueueBackend } from "../queue/queue-backend.ts";
import { REDIS_REFUSAL } from "../redis-refusal.ts";
import { retryPauses } from "../retry-pause.ts";
import { runScript } from "../scripts.ts";
import { LeaseLostError } from "./lease-lost-error.ts";

/** A turn's event, before it has an id. */
export interface NewEvent {
  readonly type: ChannelEventType;
  readonly promptId: string;
  readonly data: string;
}

export interface DispatchInput {
  readonly promptId: string;
  readonly session: {
    readonly id: string;
    readonly opened: SessionOpening;
    readonly agent: string;
  };
  /** How long opening took, where the session was opened for this prompt. */
  readonly openMs?: number;
  readonly live: LiveSession;
  /** The agent asks before it changes anything, and nothing is granted without being recorded first. */
  readonly guarded: boolean;
  /** The channel's sessions, newest first, where this dispatch makes them others. */
  readonly sessions?: readonly ChannelSession[];
  /** Of the settings that the session was opened under; default: that of a channel whose settings were never set. */
  readonly settingsVersion?: string;
  /** Name of the workspace that the channel adopts with this dispatch. */
  readonly adopts?: string;
}

export type DispatchOutcome =
  /** `recovery` where it follows on an attempt that was interrupted. */
  | {
      readonly at: "dispatched";
      readonly prompt: string;
      /** The prompts of the others that are part of its turn, in their order. */
      readonly others?: readonly string[];
      readonly recovery?: Recovery;
      /** What the attempt before waited for when it was interrupted. */
      readonly waitedFor?: QuestionType;
      /** Of its own, ahead of its channel's. */
      readonly permissions?: PermissionPolicy;
    }
  | { readonly at: "missing" }
  | { readonly at: "final" }
  /** An earlier owner dispatched it and did not settle it: `interruption` says what is known. */
  | { readonly at: "interrupted" }
  /** The channel's settings are others by now: read them and dispatch again. */
  | { readonly at: "settings" }
  /** It waits for a person. */
  | { readonly at: "waiting" }
  /** It is part of the turn of this prompt, which did not end. */
  | { readonly at: "member"; readonly turn: string }
  /** Another prompt is next: put this one back, and give way. */
  | { readonly at: "yield" }
  /** So long others may come that become one turn with it. */
  | { readonly at: "collect"; readonly moreMs: number };

/** A prompt that is to be sent into the running turn. */
export interface JoinedPrompt {
  readonly promptId: string;
  readonly prompt: string;
}

/**
 * Why a prompt was not taken into the running turn.
 *
 * - `unsent`: the turn is over
 * - `refused`: the agent said that it did not take it
 * - `unknown`: the agent did not say
 */
export type NotTaken = "unsent" | "refused" | "unknown";

/** Where a prompt stands; with the prompt whose turn it is part of. */
export interface PromptStanding {
  readonly state: PromptState;
  readonly turn?: string;
}

/** What is to follow on an interrupted attempt; `reason` is shown to who has to decide. */
export type RecoverInput =
  | { readonly promptId: string; readonly fence: string; readonly action: Recovery }
  | {
      readonly promptId: string;
      readonly fence: string;
      readonly action: "ask";
      readonly reason: string;
    }
  /** The agent has hit its usage limit: the channel waits until it is reset. `fence` is absent where nothing was sent. */
  | {
      readonly promptId: string;
      readonly fence?: string;
      readonly action: "park";
      readonly reason: string;
      readonly untilMs: number;
      readonly afterwards: Recovery;
    }
  /** The agent has hit its usage limit: another one takes the prompt. */
  | {
      readonly promptId: string;
      readonly fence: string;
      readonly action: "move";
      readonly afterwards: Recovery;
    };

/** An agent failed to start, or died in a turn. */
export interface FailureNote {
  /** For people: what happened, with the end of its stderr. */
  readonly detail: string;
  /** So many within this time, and the channel rests; first for `firstRestMs`, twice as long each further time. */
  readonly most: number;
  readonly withinMs: number;
  readonly firstRestMs: number;
  readonly longestRestMs: number;
}

export interface SettleInput {
  readonly promptId: string;
  readonly state: FinalPromptState;
  readonly result: PromptResult;
  readonly text: string;
  readonly eventData: string;
  readonly live?: LiveSession;
}

/** What came of opening a session ahead of its prompt. */
export interface AheadNote {
  /** `<due ms> <schedule>`, as the wish said; absent where a person wished it. */
  readonly due?: string;
  /** Why it could not be opened. */
  readonly failure?: string;
  /** Where it had to be opened: with what, and how long that took. */
  readonly opened?: { readonly agent: string; readonly openMs: number };
}

/** What an owner that found no job should do next. */
export type IdleOutcome =
  | { readonly at: "idle" }
  | { readonly at: "jobs" }
  | { readonly at: "intents"; readonly intents: Readonly<Record<string, string>> };

/**
 * A channel under one fence: every write names it, and throws `LeaseLostError` once it is stale.
 * Calls survive interruptions of Redis: they are repeated while the worker may still trust its lease,
 * and each of them is safe to repeat.
 */
export interface OwnedChannel {
  readonly channel: string;
  readonly fence: string;
  /** What the agent asks people in the middle of a turn. */
  readonly questions: OwnedQuestions;
  fetch(): Promise<string | undefined>;
  /** Undefined where it has no record any more; `running` also while its agent waits for a person's answer. */
  standing(promptId: string): Promise<PromptStanding | undefined>;
  /** What is kept of the channel. */
  readChannel(): Promise<ChannelRecord | undefined>;
  /** The channel's last finished prompts, newest first. */
  lastFinished(count: number): Promise<readonly Prompt[]>;
  /** What the journal knows of an attempt that did not end; undefined where the prompt is not running. */
  interruption(promptId: string): Promise<Interruption | undefined>;
  /** Ends an interrupted attempt: the prompt is to be dispatched again, or waits for a decision and holds its channel. */
  recover(input: RecoverInput): Promise<void>;
  /** Puts the fetched job back to the front of the queue, unrun. */
  putBack(): Promise<void>;
  /** What is to be next goes to the front of the queue. */
  giveWay(): Promise<void>;
  dispatch(input: DispatchInput): Promise<DispatchOutcome>;
  /**
   * `fetch`, and in the same packet the dispatch of the prompt that is expected to come of it. `dispatch` is absent where
   * another one came (an earlier prompt, or none): that one is dispatched the ordinary way.
   */
  fetchAndDispatch(
    input: DispatchInput,
  ): Promise<{ readonly promptId: string | undefined; readonly dispatch?: DispatchOutcome }>;
  appendEvents(events: readonly NewEvent[]): Promise<void>;
  /**
   * The next prompt that wishes to be taken into the running turn becomes part of it; undefined where there is none. A
   * `started` event with its turn says that it is in there; else it is to leave.
   */
  joinTurn(turn: string): Promise<JoinedPrompt | undefined>;
  /** Goes back to its place in the queue. True where the turn is to be cancelled. */
  leaveTurn(turn: string, promptId: string, why: NotTaken): Promise<boolean>;
  /** Nothing can be taken into the running turn: who wishes for it is told otherwise. True where it is to be cancelled. */
  fallBack(turn: string): Promise<boolean>;
  /**
   * Notes on the prompt's record what is allowed without asking a person. `revoked` where the channel's grant of this id,
   * which is to allow it, is no more: nothing was noted then.
   */
  recordGrant(promptId: string, allowed: unknown, grantId?: string): Promise<"ok" | "revoked">;
  settle(input: SettleInput): Promise<void>;
  /** Completes the job in BullMQ; with `fetchNext` the next job's id where one waits. */
  finish(job: FinishedJob, fetchNext: boolean): Promise<string | undefined>;
  settleIdle(): Promise<IdleOutcome>;
  /** What the owner is wished to do. */
  readIntents(): Promise<Readonly<Record<string, string>>>;
  clearIntent(name: string, value: string): Promise<void>;
  showLive(live: LiveSession): Promise<void>;
  /** A session was opened ahead, or could not be. */
  noteWarm(ahead: AheadNote): Promise<void>;
  /** Undefined, or until when the channel rests (Unix ms). */
  noteFailure(note: FailureNote): Promise<number | undefined>;
  /** The next turn begins a new conversation, and nothing holds the channel any more but an open decision. */
  reset(): Promise<void>;
  /** `sessions` where they are others now; with `forget` nothing is kept of the channel, unless something is left to do. */
  release(options?: {
    readonly sessions?: readonly ChannelSession[];
    readonly forget?: boolean;
    /** A prompt whose turn the next owner is to go on with: that does not count as one of its interruptions. */
    readonly handsOver?: string;
  }): Promise<"assigned" | "cold">;
}

export interface OwnedChannelOptions {
  readonly redis: Redis;
  readonly base: QueueBackend;
  readonly worker: string;
  readonly channel: string;
  readonly fence: string;
  readonly eventsPerChannel: number;
  readonly retentionMs: number;
  trusted(): boolean;
  /** Rejects with `NOREPLICAS` while too few replicas have what was written. */
  confirmReplicas(): Promise<void>;
}

type DispatchReply = [string, string, string, string, string, string[]];

/** Index entries looked at for what was last finished: most prompts of a channel are. */
const LOOKED_AT_PER_FINISHED = 5;

export function ownChannel(options: OwnedChannelOptions): OwnedChannel {
  const { redis, worker, channel, fence } = options;
  const queue: ChannelQueue = createChannelQueue(
    redis,
    options.base,
    channel,
    `${worker}:${fence}`,
  );
  const holder = [channel, worker, fence] as const;
  let batch = 0;
  let joins = 0;

  async function persist<T>(write: () => Promise<T>): Promise<T> {
    const pause = retryPauses(redis);
    for (;;) {
      if (!options.trusted()) {
        throw new LeaseLostError(channel, fence);
      }
      try {
        return await write();
      } catch (error) {
        if (error instanceof LeaseLostError || !isInterruption(error)) {
          throw error;
        }
        await pause();
      }
    }
  }

  /** Waits for the replicas: a failover must not forget that the agent has heard of it. */
  async function kept(outcome: DispatchOutcome): Promise<DispatchOutcome> {
    if (outcome.at === "dispatched") {
      await persist(options.confirmReplicas);
    }
    return outcome;
  }

  function refuseStale(reply: string): void {
    if (reply === "stale") {
      throw new LeaseLostError(channel, fence);
    }
  }

  function sendDispatch(input: DispatchInput, withFetch: boolean): Promise<DispatchReply> {
    return runScript<DispatchReply>(redis, "dispatch", [
      ...holder,
      input.promptId,
      JSON.stringify(input.session),
      input.openMs === undefined ? "" : Math.round(input.openMs),
      JSON.stringify(input.live),
      options.eventsPerChannel,
      input.guarded ? "1" : "",
      input.sessions === undefined ? "" : encodeSessions(input.sessions),
      withFetch ? "1" : "",
      input.settingsVersion ?? "",
      input.adopts ?? "",
    ]);
  }

  function outcomeOf(reply: DispatchReply): DispatchOutcome {
    refuseStale(reply[0]);
    switch (reply[0]) {
      case "ok":
        return {
          at: "dispatched",
          prompt: reply[1],
          ...(reply[5].length === 0 ? {} : { others: reply[5] }),
          ...(reply[2] === "" ? {} : { recovery: reply[2] as Recovery }),
          ...(reply[4] === "" ? {} : { waitedFor: reply[4] as QuestionType }),
          ...(reply[3] === "" ? {} : { permissions: reply[3] as PermissionPolicy }),
        };
      case "waiting":
        return { at: "waiting" };
      case "missing":
        return { at: "missing" };
      case "interrupted":
        return { at: "interrupted" };
      case "settings":
        return { at: "settings" };
      case "member":
        return { at: "member", turn: reply[1] };
      case "yield":
        return { at: "yield" };
      case "collect":
        return { at: "collect", moreMs: Number(reply[1]) };
      default:
        return { at: "final" };
    }
  }

  return {
    channel,
    fence,
    questions: ownQuestions({
      redis,
      holder,
      eventsPerChannel: options.eventsPerChannel,
      persist,
      refuseStale,
      confirmReplicas: options.confirmReplicas,
    }),

    fetch: () => persist(() => queue.fetch()),

    standing: (promptId) =>
      persist(async () => {
        const [state, waitingFor, turn] = await redis.hmget(
          keys.prompt(promptId),
          "st",
          "wf",
          "mt",
        );
        if (state == null) {
          return undefined;
        }
        const isMidTurn = state === "waiting" && waitsForAnswer(waitingFor);
        return {
          state: isMidTurn ? "running" : (state as PromptState),
          ...(turn == null ? {} : { turn }),
        };
      }),

    readChannel: () => persist(() => readChannel(redis, channel)),

    lastFinished: (count) =>
      persist(async () => {
        const limit = count * LOOKED_AT_PER_FINISHED;
        const { items } = await listPrompts(redis, { channel, limit });
        return items.filter(({ state }) => isFinalPromptState(state)).slice(0, count);
      }),

    interruption: (promptId) => persist(() => readInterruption(redis, channel, promptId)),

    recover: (input) =>
      persist(async () => {
        refuseStale(
          await runScript<string>(redis, "recover", [
            ...holder,
            input.promptId,
            input.fence ?? "",
            input.action,
            "reason" in input ? input.reason : "",
            options.eventsPerChannel,
            "untilMs" in input ? Math.round(input.untilMs) : "",
            "afterwards" in input ? input.afterwards : "",
          ]),
        );
      }),

    putBack: () => persist(() => queue.returnActive()),

    giveWay: () =>
      persist(async () => {
        refuseStale(await runScript<string>(redis, "give-way", [...holder]));
      }),

    dispatch: async (input) =>
      await kept(await persist(async () => outcomeOf(await sendDispatch(input, false)))),

    async fetchAndDispatch(input) {
      const fetched = await persist(async () => {
        const fetching = queue.fetch();
        // BullMQ sends in a microtask of its own, and ours has to come after it. Were it ahead, the script would find
        // nothing active, and the prompt would be dispatched the ordinary way.
        await options.base.client;
        const [promptId, reply] = await Promise.all([fetching, sendDispatch(input, true)]);
        if (reply[0] === "not-active" || promptId !== input.promptId) {
          refuseStale(reply[0]);
          return { promptId };
        }
        return { promptId, dispatch: outcomeOf(reply) };
      });
      if (fetched.dispatch !== undefined) {
        await kept(fetched.dispatch);
      }
      return fetched;
    },

    async appendEvents(events) {
      batch += 1;
      const number = batch;
      const flat = events.flatMap((event) => [event.type, event.promptId, event.data]);
      await persist(async () => {
        refuseStale(
          await runScript<string>(redis, "append-events", [
            ...holder,
            number,
            options.eventsPerChannel,
            ...flat,
          ]),
        );
      });
    },

    settle: (input) =>
      persist(async () => {
        refuseStale(
          await runScript<string>(redis, "settle", [
            ...holder,
            input.promptId,
            input.state,
            JSON.stringify(promptResultSchema.parse(input.result)),
            input.text,
            input.eventData,
            input.live === undefined ? "" : JSON.stringify(input.live),
            options.eventsPerChannel,
            options.retentionMs,
          ]),
        );
      }),

    finish: (job, fetchNext) =>
      persist(async () => {
        try {
          return await queue.finish(job, fetchNext);
        } catch (error) {
          // Not active or not locked any more: an earlier call whose answer was lost did it.
          if (isInterruption(error)) {
            throw error;
          }
          return fetchNext ? await queue.fetch() : undefined;
        }
      }),

    async joinTurn(turn) {
      joins += 1;
      const name = `${fence}:${joins}`;
      const joined = await persist(async () => {
        const [at = "", promptId = "", prompt = ""] = await runScript<string[]>(
          redis,
          "join-turn",
          [...holder, turn, name],
        );
        refuseStale(at);
        return at === "ok" ? { promptId, prompt } : undefined;
      });
      if (joined !== undefined) {
        await persist(options.confirmReplicas);
      }
      return joined;
    },

    leaveTurn: (turn, promptId, why) =>
      persist(async () => {
        const reply = await runScript<string>(redis, "leave-turn", [
          ...holder,
          turn,
          promptId,
          why,
        ]);
        refuseStale(reply);
        return reply === "interrupt";
      }),

    fallBack: (turn) =>
      persist(async () => {
        const reply = await runScript<string>(redis, "fall-back", [...holder, turn]);
        refuseStale(reply);
        return reply === "interrupt";
      }),

    async recordGrant(promptId, allowed, grantId = "") {
      const reply = await persist(() =>
        runScript<string>(redis, "record-grant", [
          ...holder,
          promptId,
          JSON.stringify(allowed),
          grantId,
        ]),
      );
      refuseStale(reply);
      if (reply === "revoked") {
        return "revoked";
      }
      await persist(options.confirmReplicas);
      return "ok";
    },

    settleIdle: () =>
      persist(async () => {
        const [outcome, ...rest] = await runScript<string[]>(redis, "settle-idle", [...holder]);
        refuseStale(outcome as string);
        if (outcome === "left-active") {
          await queue.returnActive();
          return { at: "jobs" };
        }
        if (outcome === "intents") {
          return { at: "intents", intents: pairs(rest) };
        }
        return { at: outcome === "jobs" ? "jobs" : "idle" };
      }),

    readIntents: () => persist(() => redis.hgetall(keys.intent(channel))),

    clearIntent: (name, value) =>
      persist(async () => {
        refuseStale(await runScript<string>(redis, "clear-intent", [...holder, name, value]));
      }),

    showLive: (live) =>
      persist(async () => {
        refuseStale(await runScript<string>(redis, "show-live", [...holder, JSON.stringify(live)]));
      }),

    noteWarm: ({ due, failure, opened }) =>
      persist(async () => {
        refuseStale(
          await runScript<string>(redis, "note-warm", [
            ...holder,
            due ?? "",
            failure === undefined ? "ready" : "failed",
            failure ?? "",
            opened?.agent ?? "",
            opened === undefined ? "" : Math.round(opened.openMs),
          ]),
        );
      }),

    noteFailure: ({ detail, most, withinMs, firstRestMs, longestRestMs }) =>
      persist(async () => {
        const [at = "", until = ""] = await runScript<string[]>(redis, "note-failure", [
          ...holder,
          detail,
          most,
          withinMs,
          firstRestMs,
          longestRestMs,
        ]);
        refuseStale(at);
        return at === "degraded" ? Number(until) : undefined;
      }),

    reset: () =>
      persist(async () => {
        refuseStale(await runScript<string>(redis, "reset-channel", [...holder]));
      }),

    release: ({ sessions, forget = false, handsOver = "" } = {}) =>
      persist(async () => {
        const reply = await runScript<string>(redis, "release", [
          ...holder,
          sessions === undefined ? "" : encodeSessions(sessions),
          forget ? "1" : "",
          handsOver,
        ]);
        refuseStale(reply);
        return reply === "assigned" ? "assigned" : "cold";
      }),
  };
}

/** The connection broke or Redis refuses for the moment, as against an answer that stays the same. */
function isInterruption(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return (
    REDIS_REFUSAL.test(message) ||
    /close|writeable|ECONN|ETIMEDOUT|EPIPE|timed out|not ready/i.test(message)
  );
}

function pairs(flat: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) {
    record[flat[i] as string] = flat[i + 1] as string;
  }
  return record;
}
