import { PROTOCOL_VERSION } from "@agentclientprotocol/sdk";
import { AgentIncompatibleError } from "../errors/agent-incompatible-error.ts";
import type { AgentLink } from "../link/agent-link.ts";

/** What the agent told about itself and its new session. */
export interface OpenedSession {
  readonly sessionId: string;
  /** Whether it takes `session/close`. */
  readonly closable: boolean;
}

/** The step that the agent has not answered yet. */
export type HandshakeStep = "initialize" | "session/new";

/**
 * `initialize`, then `session/new`. Not bounded in time: the caller is.
 *
 * @throws AgentIncompatibleError, or what the SDK rejects with.
 */
export async function handshake(
  link: AgentLink,
  agent: string,
  cwd: string,
  onStep: (step: HandshakeStep) => void,
): Promise<OpenedSession> {
  onStep("initialize");
  const { protocolVersion, agentCapabilities } = await link.initialize();
  if (protocolVersion !== PROTOCOL_VERSION) {
    throw new AgentIncompatibleError(agent, protocolVersion, PROTOCOL_VERSION);
  }
  onStep("session/new");
  const { sessionId } = await link.newSession(cwd);
  if (typeof sessionId !== "string" || sessionId === "") {
    throw new AgentIncompatibleError(agent, protocolVersion, PROTOCOL_VERSION);
  }
  return { sessionId, closable: agentCapabilities?.sessionCapabilities?.close != null };
}
