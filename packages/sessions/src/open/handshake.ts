import { type InitializeResponse, PROTOCOL_VERSION } from "@agentclientprotocol/sdk";
import { withDeadline } from "@pilotlight/lifecycle";
import { AgentIncompatibleError } from "../errors/agent-incompatible-error.ts";
import { isAcpAnswer } from "../errors/from-acp-error.ts";
import type { AgentLink, SessionPlace } from "../link/agent-link.ts";
import { isUnknownSession } from "./is-unknown-session.ts";

/** What the agent told about itself and the session it has open now. */
export interface OpenedSession {
  readonly sessionId: string;
  readonly how: "resumed" | "loaded" | "fresh";
  readonly condemned: readonly string[];
  /** Whether it takes `session/close`. */
  readonly closable: boolean;
  /** Whether it takes `_session/steering`. */
  readonly steers: boolean;
}

/** The step that the agent has not answered yet. */
export type HandshakeStep =
  | "initialize"
  | "session/resume"
  | "session/load"
  | "session/new"
  | "its settings";

/** Earlier sessions that are still to be tried; shared by the processes that it takes. */
export interface Ladder {
  readonly untried: string[];
  readonly condemned: string[];
}

export interface HandshakeOptions {
  readonly link: AgentLink;
  readonly agent: string;
  readonly place: SessionPlace;
  /** To be sent with `session/new`. */
  readonly systemPrompt: string | undefined;
  readonly ladder: Ladder;
  /** How long opening an earlier session may take. */
  readonly stepMs: number;
  onStep(step: HandshakeStep): void;
}

/** The process did not answer a resume or load, or ended in it: the next step needs another one. */
export class BrokenStepError extends Error {}

/**
 * `initialize`, then the earlier sessions in their order, then `session/new`. Not bounded in time as a whole: the caller
 * is. A session is off the ladder before it is tried, so that no id is tried twice.
 *
 * @throws BrokenStepError, AgentIncompatibleError, or what the SDK rejects with.
 */
export async function handshake(options: HandshakeOptions): Promise<OpenedSession> {
  const { link, agent, place, ladder, onStep } = options;
  onStep("initialize");
  const { protocolVersion, agentCapabilities, _meta } = await link.initialize();
  if (protocolVersion !== PROTOCOL_VERSION) {
    throw new AgentIncompatibleError(agent, protocolVersion, PROTOCOL_VERSION);
  }
  const closable = agentCapabilities?.sessionCapabilities?.close != null;
  const steers = isSteerable(_meta);
  const { condemned } = ladder;
  const earlier = await openEarlier(options, agentCapabilities);
  if (earlier !== undefined) {
    return { ...earlier, condemned, closable, steers };
  }
  onStep("session/new");
  const { sessionId } = await link.newSession(place, options.systemPrompt);
  if (typeof sessionId !== "string" || sessionId === "") {
    throw new AgentIncompatibleError(agent, protocolVersion, PROTOCOL_VERSION);
  }
  return { sessionId, how: "fresh", condemned, closable, steers };
}

/** An extension, and so an untyped one: `{steering: {supported: true}}`. */
function isSteerable(meta: InitializeResponse["_meta"]): boolean {
  const { supported } = (meta?.steering ?? {}) as { readonly supported?: unknown };
  return supported === true;
}

async function openEarlier(
  { link, place, ladder, stepMs, onStep }: HandshakeOptions,
  capabilities: InitializeResponse["agentCapabilities"],
): Promise<Pick<OpenedSession, "sessionId" | "how"> | undefined> {
  const resumes = capabilities?.sessionCapabilities?.resume != null;
  if (!resumes && capabilities?.loadSession !== true) {
    return undefined;
  }
  for (let id = ladder.untried.shift(); id !== undefined; id = ladder.untried.shift()) {
    onStep(resumes ? "session/resume" : "session/load");
    const reopening = resumes ? link.resumeSession(id, place) : link.loadSession(id, place);
    try {
      await withDeadline(reopening, stepMs, () => new BrokenStepError("it was not answered"));
      return { sessionId: id, how: resumes ? "resumed" : "loaded" };
    } catch (error) {
      if (!isAcpAnswer(error)) {
        throw error instanceof BrokenStepError
          ? error
          : new BrokenStepError("it ended in it", { cause: error });
      }
      if (isUnknownSession(error)) {
        ladder.condemned.push(id);
      }
    }
  }
  return undefined;
}
