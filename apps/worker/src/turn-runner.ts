import { performance } from "node:perf_hooks";
import { AgentStartError } from "@pilotlight/agents";
import type {
  DispatchOutcome,
  LiveSession,
  OwnedChannel,
  PromptResult,
} from "@pilotlight/channels";
import { LeaseLostError } from "@pilotlight/channels";
import {
  type FinalPromptState,
  type InterruptionPolicy,
  isFinalPromptState,
  type PermissionPolicy,
  PilotlightError,
  type PromptError,
} from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import {
  AgentExitedError,
  AgentRequestError,
  type AgentSession,
  SessionUnavailableError,
  type SessionUpdate,
  type UsageLimit,
  UsageLimitError,
  usageLimitOfAnswer,
} from "@pilotlight/sessions";
import type { Conversation, NextDispatch } from "./conversation/conversation.ts";
import { joinMessages } from "./conversation/join-messages.ts";
import { createEventWriter } from "./event-writer.ts";
import { AgentsLimitedError } from "./opening/agents-limited-error.ts";
import type { TurnDesk } from "./questions/turn-desk.ts";
import type { InterruptionCause } from "./recovery/choose-recovery.ts";
import { continuationNote } from "./recovery/continuation-note.ts";
import { parkTurn } from "./recovery/park-turn.ts";
import { recoverTurn } from "./recovery/recover-turn.ts";
import type { SessionSlot } from "./session-slot.ts";
import { createSteering, type Steering } from "./steering.ts";
import { createTurnText } from "./turn-text.ts";

/** What a turn's desk has to know of it. */
export interface DeskInput {
  readonly promptId: string;
  readonly session: AgentSession;
  /** The prompt's own permissions. */
  readonly own: PermissionPolicy | undefined;
  /** The agent knows the conversation up to this turn. */
  readonly carry: boolean;
  /** Resolves when everything that the agent said before is on its way to the event log. */
  toldBefore(): Promise<void>;
}

/** A turn while it runs. */
export interface TurnUnderWay {
  readonly promptId: string;
  readonly abort: AbortController;
  readonly steering: Steering;
  readonly desk: TurnDesk;
}

export interface TurnContext {
  readonly owned: OwnedChannel;
  readonly log: Logger;
  readonly slot: SessionSlot;
  readonly conversation: Conversation;
  readonly textLimit: number;
  /** What becomes of an interrupted turn where neither prompt nor channel says. */
  readonly onInterrupted: InterruptionPolicy;
  /** Whether the worker still believes in its leases. */
  trusted(): boolean;
  /** The agent asks before it changes anything, and no policy of ours answers yes by itself. */
  guarded(session: AgentSession): boolean;
  /** Takes what the agent asks in the turn to whoever answers. */
  openDesk(turn: DeskInput): TurnDesk;
  /** Of the settings that the session was opened under. */
  settingsVersion(): string;
  /** Reads the settings, where nobody has yet. */
  knowSettings(): Promise<void>;
  /** The settings are others by now: reads them, and closes a session that they do not fit. */
  refreshSettings(): Promise<void>;
  live(state: LiveSession["state"], session?: AgentSession, promptId?: string): LiveSession;
  /** The journal took the dispatch: its turn begins, and ends when the signal's controller is told to. */
  onDispatched(promptId: string, next: NextDispatch): void;
  /** A turn runs, can be cancelled and steered; undefined: none does any more. */
  onTurn(turn: TurnUnderWay | undefined): void;
  /** Resolves after so long, or when something may have changed; false where the worker wants to go. */
  pause(ms: number): Promise<boolean>;
  /** The agent gave its first sign of life in the turn. */
  onFirstSign(): void;
  /** The agent did what it was asked to, or answered with an error. */
  onAnswered(session: AgentSession, error?: AgentRequestError): void;
  /** The agent did not start, or died. Resolves with true where the channel rests now. */
  onAgentFailed(error: unknown): Promise<boolean>;
  /** The agent's usage limit is hit. Tells until when (Unix ms), and whether another agent can take the turn. */
  onLimited(
    session: AgentSession,
    limit: UsageLimit,
  ): { readonly untilMs: number; readonly move: boolean };
}

/** What became of a fetched job. */
export type TurnEnd =
  /** For BullMQ's completion. `rests`: the channel is blocked now, and nothing more is to be fetched. */
  | {
      readonly at: "over";
      readonly state: FinalPromptState;
      readonly summary: string;
      readonly rests?: boolean;
    }
  /** It waits, at the front of its queue. */
  | { readonly at: "held" }
  /** It goes back to its queue, where another one is next. */
  | { readonly at: "yields" };

const UNRUN: TurnEnd = { at: "over", state: "completed", summary: "nothing left to run" };
const HELD: TurnEnd = { at: "held" };
const SUMMARY_CHARS = 500;

interface Dispatched {
  readonly session: AgentSession;
  readonly next: NextDispatch;
  readonly outcome: DispatchOutcome;
}

/** What follows on a try: the end, another one, or one of the prompt that this one is part of. */
type Next = TurnEnd | "again" | { readonly at: "member"; readonly turn: string };

/** A job in our hands, and its dispatch where that was sent along with the fetch. */
export interface FetchedTurn {
  readonly promptId: string;
  readonly dispatched?: Dispatched;
}

/**
 * The next job. Where one is expected and the session is open, it is fetched and dispatched in one round trip: on a warm
 * channel nothing else lies between the bell and the agent.
 */
export async function fetchTurn(
  context: TurnContext,
  expected?: string,
): Promise<FetchedTurn | undefined> {
  const { owned, slot, conversation } = context;
  const session = slot.current();
  if (expected === undefined || session === undefined) {
    const next = await owned.fetch();
    return next === undefined ? undefined : { promptId: next };
  }
  const next = conversation.next(session);
  const { promptId, dispatch } = await owned.fetchAndDispatch(
    dispatchInput(context, expected, session, next),
  );
  if (promptId === undefined) {
    return undefined;
  }
  return dispatch === undefined
    ? { promptId }
    : { promptId, dispatched: { session, next, outcome: dispatch } };
}

function dispatchInput(
  context: TurnContext,
  promptId: string,
  session: AgentSession,
  { opened, sessions, adopts }: NextDispatch,
) {
  return {
    promptId,
    session: { id: session.sessionId, opened, agent: session.agent },
    guarded: context.guarded(session),
    live: context.live("busy", session, promptId),
    settingsVersion: context.settingsVersion(),
    ...(sessions === undefined ? {} : { sessions }),
    ...(adopts === undefined ? {} : { adopts }),
  };
}

/**
 * Runs one prompt to its final state, over as many attempts as its recovery allows: session, dispatch, turn, settlement.
 *
 * @throws LeaseLostError when another owner may already be at work; nothing was written then.
 */
export async function runTurn(context: TurnContext, fetched: FetchedTurn): Promise<TurnEnd> {
  let { promptId } = fetched;
  let given = fetched.dispatched;
  for (;;) {
    const dispatched = given ?? (await openAndDispatch(context, promptId));
    given = undefined;
    const end =
      typeof dispatched === "object" && "outcome" in dispatched
        ? await follow(context, promptId, dispatched)
        : dispatched;
    if (end === "again") {
      continue;
    }
    if (end.at !== "member") {
      return end;
    }
    // Where the job of the prompt that it was begun for is gone, the turn is run with that of any other one.
    promptId = end.turn;
  }
}

async function openAndDispatch(context: TurnContext, promptId: string): Promise<Dispatched | Next> {
  const { owned, slot, conversation } = context;
  let session = slot.current();
  let openMs: number | undefined;
  if (session === undefined) {
    const { state, turn } = (await owned.standing(promptId)) ?? {};
    if (state === "waiting") {
      return HELD;
    }
    if (state === undefined || isFinalPromptState(state)) {
      return UNRUN;
    }
    if (turn !== undefined) {
      return { at: "member", turn };
    }
    if (state === "running") {
      // Whoever dispatched it is gone. What follows may need no session at all.
      return await recover(context, promptId, "worker");
    }
    await context.knowSettings();
    await owned.showLive(context.live("warming", undefined, promptId));
    try {
      ({ session, openMs } = await slot.open());
    } catch (error) {
      return await notOpened(context, promptId, error);
    }
  }
  const next = conversation.next(session);
  const outcome = await owned.dispatch({
    ...dispatchInput(context, promptId, session, next),
    ...(openMs === undefined ? {} : { openMs }),
  });
  return { session, next, outcome };
}

async function notOpened(
  context: TurnContext,
  promptId: string,
  error: unknown,
): Promise<TurnEnd | "again"> {
  refuseUntrusted(context);
  const tried = context.settingsVersion();
  await context.refreshSettings();
  if (context.settingsVersion() !== tried) {
    return "again"; // It failed under settings that hold no more.
  }
  if (error instanceof AgentsLimitedError) {
    await parkTurn(context.owned, { promptId, reason: error.message, untilMs: error.untilMs });
    return HELD;
  }
  const rests = error instanceof AgentStartError && (await context.onAgentFailed(error));
  return { ...(await settleFailure(context, promptId, error)), ...(rests ? { rests } : {}) };
}

/** What the journal answered to the dispatch decides. */
async function follow(
  context: TurnContext,
  promptId: string,
  { session, next, outcome }: Dispatched,
): Promise<Next> {
  switch (outcome.at) {
    case "missing":
    case "final":
      return UNRUN;
    case "waiting":
      return HELD;
    case "settings":
      await context.refreshSettings();
      return "again";
    case "interrupted":
      return await recover(context, promptId, "worker");
    case "member":
      return outcome;
    case "yield":
      return { at: "yields" };
    case "collect": {
      const goesOn = await context.pause(outcome.moreMs);
      refuseUntrusted(context);
      return goesOn ? "again" : HELD;
    }
    case "dispatched": {
      context.conversation.dispatched(session);
      context.onDispatched(promptId, next);
      const asked = joinMessages(outcome.prompt, outcome.others);
      const request =
        outcome.recovery === "continue" ? continuationNote(asked, outcome.waitedFor) : asked;
      const parts = [...next.background, request];
      return await prompt(context, session, {
        promptId,
        parts,
        own: outcome.permissions,
        carry: knowsConversation(session, next),
      });
    }
  }
}

/** The attempt before was cut off: `error` says how, where it was the agent that died. */
async function recover(
  context: TurnContext,
  promptId: string,
  cause: InterruptionCause,
  error?: unknown,
): Promise<TurnEnd | "again"> {
  const rests = cause === "agent" && (await context.onAgentFailed(error));
  const recovered = await recoverTurn(context.owned, promptId, cause, context.onInterrupted);
  switch (recovered) {
    case "again":
      return rests ? HELD : "again";
    case "gone":
      return UNRUN;
    case "held":
      await showHeld(context, promptId);
      return HELD;
    case "failed":
      return { ...(await settleFailure(context, promptId, error)), ...(rests ? { rests } : {}) };
    case "cancelled": {
      const end = await settle(context, promptId, "cancelled", { stopReason: "cancelled" });
      return { ...end, ...(rests ? { rests } : {}) };
    }
    case "abandoned":
      return await settle(context, promptId, "interrupted", {
        error: {
          code: "interrupted",
          message: `Its ${cause} ended in the middle of the turn; as its policy says, the turn was given up.`,
        },
      });
  }
}

async function showHeld(context: TurnContext, promptId: string): Promise<void> {
  const session = context.slot.current();
  await context.owned.showLive(
    session === undefined ? context.live("closing") : context.live("waiting", session, promptId),
  );
}

/** Another agent takes the turn where there is one; else the channel waits for the limit's end. */
async function limited(
  context: TurnContext,
  session: AgentSession,
  promptId: string,
  limit: UsageLimit,
): Promise<TurnEnd | "again"> {
  const { untilMs, move } = context.onLimited(session, limit);
  const parked = await parkTurn(context.owned, {
    promptId,
    reason: `agent "${session.agent}": ${limit.message}`,
    untilMs,
    move,
  });
  switch (parked) {
    case "moved":
      await context.slot.discard();
      return "again";
    case "parked":
      await showHeld(context, promptId);
      return HELD;
    case "gone":
      return UNRUN;
  }
}

interface TurnRequest {
  readonly promptId: string;
  readonly parts: readonly string[];
  /** The prompt's own permissions. */
  readonly own: PermissionPolicy | undefined;
  /** The agent knows the conversation up to this turn. */
  readonly carry: boolean;
}

/** One that was told of it in a recap does not count, nor one that began anew. */
function knowsConversation(session: AgentSession, { opened }: NextDispatch): boolean {
  return session.opened !== "fresh" && opened !== "recap";
}

async function prompt(
  context: TurnContext,
  session: AgentSession,
  { promptId, parts, own, carry }: TurnRequest,
): Promise<TurnEnd | "again"> {
  refuseUntrusted(context);
  const dispatchedAtMs = performance.now();
  const abort = new AbortController();
  const overflow = new AbortController();
  const answer = createTurnText(context.textLimit);
  const writer = createEventWriter(context.owned, promptId, () => overflow.abort());
  const steering = createSteering({
    owned: context.owned,
    session,
    turn: promptId,
    writer,
    log: context.log,
    answered: () => answer.text.length,
    cancel: () => abort.abort(),
  });
  let firstTokenMs: number | undefined;

  const onUpdate = (update: SessionUpdate) => {
    if (firstTokenMs === undefined && isFirstSign(update)) {
      firstTokenMs = Math.round(performance.now() - dispatchedAtMs);
      context.onFirstSign();
    }
    answer.add(update);
    writer.push(update);
  };

  let state: FinalPromptState = "failed";
  let result: PromptResult;
  let lost: unknown;
  let limit: UsageLimit | undefined;
  const desk = context.openDesk({ promptId, session, own, carry, toldBefore: writer.sent });
  context.onTurn({ promptId, abort, steering, desk });
  try {
    const turn = await session.prompt(parts, {
      onUpdate,
      people: desk,
      signal: AbortSignal.any([abort.signal, overflow.signal]),
    });
    if (overflow.signal.aborted) {
      result = {
        error: { code: "output_too_large", message: "The agent wrote faster than Redis took it." },
      };
    } else {
      // Some agents end a turn normally that was cancelled, or that their account's limit cut short.
      const cancelled = abort.signal.aborted || turn.stopReason === "cancelled";
      limit = cancelled ? undefined : usageLimitOfAnswer(answer.text, Date.now());
      state = cancelled ? "cancelled" : "completed";
      result = {
        stopReason: cancelled ? "cancelled" : turn.stopReason,
        ...(turn.usage === undefined ? {} : { usage: turn.usage }),
      };
      context.onAnswered(session);
    }
  } catch (error) {
    result = { error: describeError(error) };
    lost = isInterruption(error) ? error : undefined;
    limit = error instanceof UsageLimitError ? error.limit : undefined;
    if (error instanceof AgentRequestError && limit === undefined) {
      context.onAnswered(session, error);
    }
  } finally {
    context.onTurn(undefined);
  }
  refuseUntrusted(context);
  await steering.close();
  await writer.drain();
  if (limit !== undefined) {
    return await limited(context, session, promptId, limit);
  }
  if (lost !== undefined && !abort.signal.aborted) {
    return await recover(context, promptId, "agent", lost);
  }
  return await settle(
    context,
    promptId,
    abort.signal.aborted ? "cancelled" : state,
    {
      ...(abort.signal.aborted ? { stopReason: "cancelled" } : result),
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      ...(answer.truncated ? { textTruncated: true } : {}),
    },
    answer.text,
  );
}

/** Another owner may be at work already. */
function refuseUntrusted({ owned, trusted }: TurnContext): void {
  if (!trusted()) {
    throw new LeaseLostError(owned.channel, owned.fence);
  }
}

/** The agent is gone, and with it the turn: what it did is unknown. */
function isInterruption(error: unknown): boolean {
  return error instanceof AgentExitedError || error instanceof SessionUnavailableError;
}

/** Announcements come by themselves right after opening; these are what a person waits for. */
function isFirstSign(update: SessionUpdate): boolean {
  return (
    update.sessionUpdate === "agent_message_chunk" ||
    update.sessionUpdate === "agent_thought_chunk" ||
    update.sessionUpdate === "tool_call"
  );
}

function settleFailure(context: TurnContext, promptId: string, error: unknown): Promise<TurnEnd> {
  return settle(context, promptId, "failed", { error: describeError(error) });
}

async function settle(
  context: TurnContext,
  promptId: string,
  state: FinalPromptState,
  result: PromptResult,
  text = "",
): Promise<TurnEnd> {
  const session = context.slot.current();
  await context.owned.settle({
    promptId,
    state,
    result,
    text,
    eventData: JSON.stringify({ promptId, state, ...result }),
    live: context.live(session === undefined ? "closing" : "warm", session),
  });
  return { at: "over", state, summary: (result.error?.message ?? text).slice(0, SUMMARY_CHARS) };
}

function describeError(error: unknown): PromptError {
  if (error instanceof LeaseLostError) {
    throw error;
  }
  if (error instanceof PilotlightError) {
    const stderr = "stderr" in error && typeof error.stderr === "string" ? error.stderr : "";
    return {
      code: error.code.toLowerCase(),
      message: error.message,
      ...(stderr === "" ? {} : { stderr: stderr.slice(-2048) }),
    };
  }
  return { code: "internal", message: "The turn failed inside the worker; its log says more." };
}
