import { type AgentProcess, isResponsive, killTree } from "@pilotlight/agents";
import { PilotlightError } from "@pilotlight/contracts";
import { withDeadline } from "@pilotlight/lifecycle";
import type {
  AgentSession,
  OpenSessionOptions,
  PromptOptions,
  SessionEnd,
  SessionPreferences,
  SteerOutcome,
  TurnResult,
} from "./agent-session.ts";
import { AgentExitedError } from "./errors/agent-exited-error.ts";
import { fromAcpError, isAcpAnswer } from "./errors/from-acp-error.ts";
import { SessionUnavailableError } from "./errors/session-unavailable-error.ts";
import { TurnTimeoutError } from "./errors/turn-timeout-error.ts";
import type { AgentLink } from "./link/agent-link.ts";
import { applyPreferences } from "./open/apply-preferences.ts";
import type { OpenedSession } from "./open/handshake.ts";
import {
  isUsable,
  nextSessionState,
  type SessionEvent,
  type SessionState,
} from "./session-state.ts";
import { runTurn, type TurnEnd } from "./turn/run-turn.ts";
import { steerTurn } from "./turn/steer-turn.ts";

export interface CreateSessionInput {
  readonly options: OpenSessionOptions;
  readonly agentProcess: AgentProcess;
  readonly link: AgentLink;
  readonly lost: Promise<"exited" | "disconnected">;
  readonly opened: OpenedSession;
}

/** What is left of a lost agent's tree has nobody to finish for. */
const LOST_STOP = { eofMs: 0, termMs: 0, killMs: 5000 };
const CLOSE_REQUEST_MS = 2000;
const CONFIGURE_MS = 10_000;
const STEER_MS = 10_000;
const EXIT_MS = 1000;

/** The session around a connection whose handshake is done. */
export function createSession(input: CreateSessionInput): AgentSession {
  const { options, agentProcess, link, opened } = input;
  const { sessionId } = opened;
  const agent = options.agent.name;
  let state: SessionState = { at: "idle" };
  let turn: { readonly abort: AbortController; readonly over: Promise<TurnEnd> } | undefined;
  let closing: Promise<void> | undefined;
  let resolveEnded: (end: SessionEnd) => void;
  const ended = new Promise<SessionEnd>((resolve) => {
    resolveEnded = resolve;
  });

  function move(event: SessionEvent): void {
    state = nextSessionState(state, event);
    if (state.at === "ended") {
      resolveEnded(state.end);
    }
  }

  async function prompt(parts: readonly string[], turnOptions: PromptOptions): Promise<TurnResult> {
    if (state.at !== "idle") {
      throw new SessionUnavailableError(sessionId, state.at);
    }
    move({ type: "prompted" });
    const abort = new AbortController();
    const onAbort = () => abort.abort();
    turnOptions.signal?.addEventListener("abort", onAbort, { once: true });
    if (turnOptions.signal?.aborted) {
      onAbort();
    }
    turn = {
      abort,
      over: runTurn({
        link,
        sessionId,
        parts,
        deadlines: options.deadlines,
        ...(turnOptions.people === undefined ? {} : { people: turnOptions.people }),
        onUpdate: turnOptions.onUpdate,
        signal: abort.signal,
      }),
    };
    const end = await turn.over;
    turnOptions.signal?.removeEventListener("abort", onAbort);
    turn = undefined;
    move(eventOf(end));
    return resultOf(end);
  }

  async function resultOf(end: TurnEnd): Promise<TurnResult> {
    switch (end.at) {
      case "answered":
        return end.result;
      case "unsettled":
        return { stopReason: "cancelled" };
      case "overdue": {
        const { silenceMs, turnMs } = options.deadlines;
        throw new TurnTimeoutError(
          end.code,
          agent,
          end.code === "silence_timeout" ? silenceMs : turnMs,
        );
      }
      case "failed": {
        const answered = fromAcpError(agent, end.error);
        if (answered !== undefined) {
          throw answered;
        }
        throw await hangUp();
      }
    }
  }

  /** For a request that was cut off. */
  async function hangUp(): Promise<AgentExitedError> {
    link.disconnect();
    // Only when its tree is empty may anybody open the conversation again.
    const end = await ended;
    return new AgentExitedError(agent, describeEnd(end), end);
  }

  async function steer(parts: readonly string[]): Promise<SteerOutcome> {
    if (!opened.steers) {
      throw new SessionUnavailableError(sessionId, "one of an agent that has none", "steering");
    }
    if (state.at !== "prompting" || turn?.abort.signal.aborted !== false) {
      const at = state.at === "prompting" ? "being cancelled" : state.at;
      throw new SessionUnavailableError(sessionId, at, "steering");
    }
    try {
      return await steerTurn(link, agent, sessionId, parts, options.deadlines.steerMs ?? STEER_MS);
    } catch (error) {
      if (error instanceof PilotlightError) {
        throw error;
      }
      throw fromAcpError(agent, error) ?? (await hangUp());
    }
  }

  async function configure(preferences: SessionPreferences): Promise<void> {
    const set = applyPreferences(link, agent, sessionId, preferences);
    await withDeadline(
      set,
      CONFIGURE_MS,
      () => new SessionUnavailableError(sessionId, "not answering"),
    );
  }

  async function close(): Promise<void> {
    const wasUsable = isUsable(state);
    move({ type: "close-asked" });
    if (state.at !== "closing") {
      await ended;
      // Rejects where the tree could not be emptied.
      return agentProcess.stop();
    }
    turn?.abort.abort();
    const last = await turn?.over;
    if (opened.closable && wasUsable && (last === undefined || isSettled(last))) {
      // Its answer only makes the rest of the ladder shorter.
      await withDeadline(link.closeSession(sessionId), CLOSE_REQUEST_MS, () => new Error()).catch(
        () => undefined,
      );
    }
    await finish("closed", options.stop);
  }

  /** Ends the tree and then the session, whether or not the tree could be emptied. */
  async function finish(reason: SessionEnd["reason"], timings = options.stop): Promise<void> {
    try {
      await agentProcess.stop(timings);
    } finally {
      link.disconnect();
      move({ type: "tree-empty", end: await describeExit(agentProcess, reason) });
    }
  }

  void input.lost.then(async (how) => {
    move({ type: "agent-lost" });
    if (state.at === "lost") {
      // Whoever closes the session hears of a tree that could not be emptied.
      await finish(how, LOST_STOP).catch(() => undefined);
    }
  });

  return {
    sessionId,
    opened: opened.how,
    condemned: opened.condemned,
    agent,
    steers: opened.steers,
    get unheardRequests() {
      return link.unheardRequests;
    },
    pid: agentProcess.pid,
    tree: agentProcess.tree,
    get usable() {
      return isUsable(state);
    },
    ended,
    prompt,
    steer,
    configure,
    close: () => {
      closing ??= close();
      return closing;
    },
    async kill() {
      await killTree(agentProcess.tree);
      // Nothing is left to wait for: what a gentle close has begun ends now.
      closing ??= close();
      await closing;
    },
    responsive: () => isResponsive(agentProcess.tree),
    rssBytes: () => agentProcess.rssBytes(),
  };
}

function isSettled(end: TurnEnd): boolean {
  return end.at === "answered" || end.at === "failed" || (end.at === "overdue" && end.settled);
}

function eventOf(end: TurnEnd): SessionEvent {
  if (end.at === "failed" && !isAcpAnswer(end.error)) {
    return { type: "agent-lost" };
  }
  return { type: isSettled(end) ? "settled" : "unsettled" };
}

async function describeExit(
  agentProcess: AgentProcess,
  reason: SessionEnd["reason"],
): Promise<SessionEnd> {
  const exit = await withDeadline(agentProcess.exited, EXIT_MS, () => new Error()).catch(() => ({
    exitCode: null,
    signal: null,
  }));
  return { reason, ...exit, stderr: agentProcess.stderrTail() };
}

function describeEnd({ reason, exitCode, signal }: SessionEnd): string {
  if (reason === "disconnected") {
    return "closed its connection during the turn";
  }
  return signal === null
    ? `exited with code ${exitCode} during the turn`
    : `was ended by ${signal} during the turn`;
}
