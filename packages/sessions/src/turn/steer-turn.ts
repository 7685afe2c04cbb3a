import { withDeadline } from "@pilotlight/lifecycle";
import type { SteerOutcome } from "../agent-session.ts";
import { AgentRequestError } from "../errors/agent-request-error.ts";
import { SteerUnansweredError } from "../errors/steer-unanswered-error.ts";
import type { AgentLink } from "../link/agent-link.ts";

/**
 * Sends a message into the turn that runs.
 *
 * @throws SteerUnansweredError, AgentRequestError for an answer that is none, or what the SDK rejects with
 */
export async function steerTurn(
  link: AgentLink,
  agent: string,
  sessionId: string,
  parts: readonly string[],
  steerMs: number,
): Promise<SteerOutcome> {
  const takeBack = new AbortController();
  const answering = link.steer(sessionId, parts, takeBack.signal);
  const answer = await withDeadline(answering, steerMs, () => {
    takeBack.abort();
    return new SteerUnansweredError(agent, steerMs);
  });
  await link.delivered();
  const { outcome } = (answer ?? {}) as { readonly outcome?: unknown };
  if (outcome === "injected" || outcome === "promptRequired") {
    return outcome;
  }
  throw new AgentRequestError(
    "agent_error",
    `agent "${agent}" answered a message for its running turn with ${JSON.stringify(answer)?.slice(0, 200)}`,
    { code: INVALID_ANSWER, data: answer },
    undefined,
  );
}

/** JSON-RPC's "internal error". */
const INVALID_ANSWER = -32603;
