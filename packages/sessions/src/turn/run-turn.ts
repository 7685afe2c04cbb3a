import type { PromptResponse } from "@agentclientprotocol/sdk";
import { withDeadline } from "@pilotlight/lifecycle";
import type { OpenSessionOptions, PromptOptions, TurnResult } from "../agent-session.ts";
import type { AgentLink } from "../link/agent-link.ts";
import { createQuestionDesk } from "./question-desk.ts";
import { type Overdue, startTurnClock } from "./turn-clock.ts";

/**
 * How a turn came to its end.
 *
 * - `answered`: the agent ended it, or answered the cancel
 * - `failed`: the agent answered with an error, or its connection was lost
 * - `overdue`: a deadline passed; `settled` tells whether the agent answered the cancel that followed
 * - `unsettled`: it was cancelled and the agent did not answer that in time
 */
export type TurnEnd =
  | { readonly at: "answered"; readonly result: TurnResult }
  | { readonly at: "failed"; readonly error: unknown }
  | { readonly at: "overdue"; readonly code: Overdue; readonly settled: boolean }
  | { readonly at: "unsettled" };

export interface RunTurnOptions extends PromptOptions {
  readonly link: AgentLink;
  readonly sessionId: string;
  readonly parts: readonly string[];
  readonly deadlines: OpenSessionOptions["deadlines"];
}

type Settled =
  | { readonly at: "answered"; readonly response: PromptResponse }
  | { readonly at: "failed"; readonly error: unknown };

/**
 * Sends one prompt and follows it to its end. Never rejects.
 * Resolves after every update that arrived before the agent's answer was handed to `onUpdate`.
 */
export async function runTurn(options: RunTurnOptions): Promise<TurnEnd> {
  const { link, sessionId, deadlines } = options;
  if (options.signal?.aborted) {
    return { at: "answered", result: { stopReason: "cancelled" } };
  }
  const clock = startTurnClock(deadlines);
  const desk = createQuestionDesk({
    people: options.people,
    onChange: () => clock.setWaiting(desk.open > 0),
  });
  link.attach({
    sessionId,
    onUpdate: (update) => {
      clock.heard();
      desk.note(update);
      options.onUpdate(update);
    },
    onSign: () => clock.heard(),
    onPermission: (request, withdrawn) => desk.permission(request, withdrawn),
    onElicitation: (request, withdrawn) => desk.elicitation(request, withdrawn),
    onElicitationComplete: (id) => desk.complete(id),
  });
  const abort = watchAbort(options.signal);
  try {
    const settled = settle(link.prompt(sessionId, options.parts));
    const first = await Promise.race([settled, clock.overdue, abort.aborted]);
    if (typeof first === "object") {
      await link.delivered();
      return first.at === "failed" ? first : { at: "answered", result: resultOf(first.response) };
    }
    link.cancel(sessionId);
    // The notice goes first: an agent that hears "cancelled" about its tool before may go on without it.
    desk.cancel("turn_cancelled");
    const second = await withDeadline(settled, deadlines.cancelMs, unanswered).catch(
      () => undefined,
    );
    await link.delivered();
    if (first !== "aborted") {
      return { at: "overdue", code: first, settled: second !== undefined };
    }
    return afterAbort(second);
  } finally {
    abort.stop();
    clock.stop();
    desk.cancel("turn_ended");
    link.detach();
  }
}

/** Some agents answer `end_turn` or an error to a cancel; whatever it is, the turn was cancelled. */
function afterAbort(settled: Settled | undefined): TurnEnd {
  if (settled === undefined) {
    return { at: "unsettled" };
  }
  const usage = settled.at === "answered" ? resultOf(settled.response).usage : undefined;
  return {
    at: "answered",
    result: { stopReason: "cancelled", ...(usage === undefined ? {} : { usage }) },
  };
}

function settle(response: Promise<PromptResponse>): Promise<Settled> {
  return response.then(
    (answer): Settled => ({ at: "answered", response: answer }),
    (error): Settled => ({ at: "failed", error }),
  );
}

/** `usage` is not in the stable schema yet, but most agents send it. */
function resultOf(response: PromptResponse & { usage?: unknown }): TurnResult {
  const { stopReason, usage } = response;
  return typeof usage === "object" && usage !== null
    ? { stopReason, usage: usage as Record<string, unknown> }
    : { stopReason };
}

function watchAbort(signal: AbortSignal | undefined) {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<"aborted">((resolve) => {
    onAbort = () => resolve("aborted");
    signal?.addEventListener("abort", onAbort, { once: true });
  });
  return { aborted, stop: () => signal?.removeEventListener("abort", onAbort) };
}

function unanswered(): Error {
  return new Error("the cancel was not answered in time");
}
