import type { AgentProcess } from "@pilotlight/agents";
import { fromAcpError } from "../errors/from-acp-error.ts";
import type { watchLoss } from "../link/watch-loss.ts";

/** Why an agent's start failed. */
export interface StartFailure {
  /** A part of a sentence: `it exited with code 3`. */
  readonly reason: string;
  /** The signal that ended its process, where one did. */
  readonly killedBy?: string;
}

/**
 * What a request rejected with in the middle of a start means: what the agent answered, else how its process or its
 * connection was lost. Waits for that loss.
 */
export async function startFailureOf(
  error: unknown,
  agent: string,
  agentProcess: AgentProcess,
  lost: ReturnType<typeof watchLoss>,
): Promise<StartFailure> {
  const answered = fromAcpError(agent, error);
  if (answered !== undefined) {
    return {
      reason:
        answered.code === "agent_auth_required"
          ? `it asks for a login (${answered.message})`
          : `it answered with an error (${answered.message})`,
    };
  }
  if ((await lost) === "disconnected") {
    return { reason: "it closed its connection" };
  }
  const { exitCode, signal } = await agentProcess.exited;
  return signal === null
    ? { reason: `it exited with code ${exitCode}` }
    : { reason: `it was ended by ${signal}`, killedBy: signal };
}
