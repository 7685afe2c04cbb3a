import { performance } from "node:perf_hooks";
import type {
  DispatchOutcome,
  LiveSession,
  OwnedChannel,
  PromptResult,
} from "@pilotlight/channels";
import { LeaseLostError } from "@pilotlight/channels";
import {
  type FinalPromptState,
  PilotlightError,
  type PromptError,
  type SessionOpening,
} from "@pilotlight/contracts";
import {
  AgentExitedError,
  type AgentSession,
  SessionUnavailableError,
  type SessionUpdate,
} from "@pilotlight/sessions";
import { createEventWriter } from "./event-writer.ts";
import type { SessionSlot } from "./session-slot.ts";
import { createTurnText } from "./turn-text.ts";

export interface TurnContext {
  readonly owned: OwnedChannel;
  readonly slot: SessionSlot;
  readonly textLimit: number;
  /** Whether the worker still believes in its leases. */
  trusted(): boolean;
  live(state: LiveSession["state"], session?: AgentSession, promptId?: string): LiveSession;
  /** Notes the turn that runs, so that a granted permission finds its prompt. */
  onDispatched(promptId: string): void;
  /** Whether an attempt that ended without a word can have changed nothing: the agent asks, and was granted nothing. */
  changedNothing(): boolean;
}

/** What became of a fetched job, for BullMQ's completion. */
export interface TurnEnd {
  readonly state: FinalPromptState;
  readonly summary: string;
}

const UNRUN: TurnEnd = { state: "completed", summary: "nothing left to run" };
const SUMMARY_CHARS = 500;

/** A job in our hands, and its dispatch where that was sent along with the fetch. */
export interface FetchedTurn {
  readonly promptId: string;
  readonly dispatched?: { readonly session: AgentSession; readonly outcome: DispatchOutcome };
}

/**
 * The next job. Where one is expected and the session is open, it is fetched and dispatched in one round trip: on a warm
 * channel nothing else lies between the bell and the agent.
 */
export async function fetchTurn(
  context: TurnContext,
  expected?: string,
): Promise<FetchedTurn | undefined> {
  const { owned, slot } = context;
  const session = slot.current();
  if (expected === undefined || session === undefined) {
    const next = await owned.fetch();
    return next === undefined ? undefined : { promptId: next };
  }
  const { promptId, dispatch } = await owned.fetchAndDispatch({
    promptId: expected,
    session: { id: session.sessionId, opened: "warm", agent: session.agent },
    live: context.live("busy", session, expected),
  });
  if (promptId === undefined) {
    return undefined;
  }
  return dispatch === undefined
    ? { promptId }
    : { promptId, dispatched: { session, outcome: dispatch } };
}

/**
 * Runs one prompt to its final state: session, dispatch, turn, settlement.
 *
 * @throws LeaseLostError when another owner may already be at work; nothing was written then.
 */
export function runTurn(context: TurnContext, fetched: FetchedTurn): Promise<TurnEnd> {
  const { promptId, dispatched } = fetched;
  return dispatched === undefined
    ? attempt(context, promptId, false)
    : follow(context, promptId, dispatched.session, dispatched.outcome, false);
}

async function attempt(context: TurnContext, promptId: string, again: boolean): Promise<TurnEnd> {
  const { owned, slot } = context;
  let session = slot.current();
  let opened: SessionOpening = "warm";
  let openMs: number | undefined;
  if (session === undefined) {
    if (!(await owned.isOpen(promptId))) {
      return UNRUN;
    }
    await owned.showLive(context.live("warming", undefined, promptId));
    try {
      ({ session, openMs } = await slot.open());
      opened = "fresh";
    } catch (error) {
      return await settleFailure(context, promptId, error);
    }
  }

  const dispatch = await owned.dispatch({
    promptId,
    session: { id: session.sessionId, opened, agent: session.agent },
    ...(openMs === undefined ? {} : { openMs }),
    again,
    live: context.live("busy", session, promptId),
  });
  return await follow(context, promptId, session, dispatch, again);
}

/** What the journal answered to the dispatch decides. */
async function follow(
  context: TurnContext,
  promptId: string,
  session: AgentSession,
  dispatch: DispatchOutcome,
  again: boolean,
): Promise<TurnEnd> {
  switch (dispatch.at) {
    case "missing":
    case "final":
      return UNRUN;
    case "interrupted":
      return await settle(context, promptId, "interrupted", {
        error: {
          code: "interrupted",
          message: "The worker that ran this prompt ended before it did; it was not run again.",
        },
      });
    case "dispatched":
      context.onDispatched(promptId);
      return (
        (await prompt(context, session, promptId, dispatch.prompt, again)) ??
        (await attempt(context, promptId, true))
      );
  }
}

/** Undefined where the agent was gone before it said anything and may safely be asked again, once. */
async function prompt(
  context: TurnContext,
  session: AgentSession,
  promptId: string,
  text: string,
  again: boolean,
): Promise<TurnEnd | undefined> {
  if (!context.trusted()) {
    throw new LeaseLostError(context.owned.channel, context.owned.fence);
  }
  const dispatchedAtMs = performance.now();
  const abort = new AbortController();
  const answer = createTurnText(context.textLimit);
  const writer = createEventWriter(context.owned, promptId, () => abort.abort());
  let firstTokenMs: number | undefined;
  let heard = false;

  const onUpdate = (update: SessionUpdate) => {
    if (firstTokenMs === undefined && isFirstSign(update)) {
      firstTokenMs = Math.round(performance.now() - dispatchedAtMs);
    }
    heard = true;
    answer.add(update);
    writer.push(update);
  };

  let state: FinalPromptState;
  let result: PromptResult;
  try {
    const turn = await session.prompt(text, { onUpdate, signal: abort.signal });
    state = turn.stopReason === "cancelled" ? "cancelled" : "completed";
    result = {
      stopReason: turn.stopReason,
      ...(turn.usage === undefined ? {} : { usage: turn.usage }),
    };
    if (abort.signal.aborted) {
      state = "failed";
      result = {
        error: { code: "output_too_large", message: "The agent wrote faster than Redis took it." },
      };
    }
  } catch (error) {
    const unsent = error instanceof SessionUnavailableError;
    const unheard = error instanceof AgentExitedError && !heard && context.changedNothing();
    if ((unsent || unheard) && !again && context.trusted()) {
      return undefined;
    }
    state = "failed";
    result = { error: describeError(error) };
  }
  if (!context.trusted()) {
    throw new LeaseLostError(context.owned.channel, context.owned.fence);
  }
  await writer.drain();
  return await settle(
    context,
    promptId,
    state,
    {
      ...result,
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      ...(answer.truncated ? { textTruncated: true } : {}),
    },
    answer.text,
  );
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
  return { state, summary: (result.error?.message ?? text).slice(0, SUMMARY_CHARS) };
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
