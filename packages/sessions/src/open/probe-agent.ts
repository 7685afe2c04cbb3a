import { mkdirSync } from "node:fs";
import { PROTOCOL_VERSION } from "@agentclientprotocol/sdk";
import { AgentStartError, type SpawnAgentOptions, spawnAgent } from "@pilotlight/agents";
import { withDeadline } from "@pilotlight/lifecycle";
import { AgentIncompatibleError } from "../errors/agent-incompatible-error.ts";
import { connectAgent } from "../link/agent-link.ts";
import { watchLoss } from "../link/watch-loss.ts";
import { startFailureOf } from "./start-failure.ts";

export interface ProbeAgentOptions extends SpawnAgentOptions {
  /** Made where it is missing, as is `cwd`; not that of a channel. */
  readonly configDir: string;
  /** For start and handshake; ending the process takes up to 6 s more. */
  readonly deadlineMs: number;
  /** Ends the probe, and the agent with it. */
  readonly signal?: AbortSignal;
}

/** An agent without a session has nothing to finish. */
const STOP = { eofMs: 500, termMs: 500, killMs: 5000 };

/**
 * Starts an agent, shakes hands and ends it to its last process: it can be started here and speaks our protocol.
 * Whether it may use its model is not asked; that would cost money.
 *
 * @throws AgentStartError, AgentIncompatibleError
 */
export async function probeAgent(options: ProbeAgentOptions): Promise<void> {
  const { agent, deadlineMs, signal } = options;
  mkdirSync(options.cwd, { recursive: true });
  mkdirSync(options.configDir, { recursive: true, mode: 0o700 });
  const agentProcess = await spawnAgent(options);
  const link = connectAgent(agentProcess);
  const lost = watchLoss(agentProcess, link);
  // Hung up on, a request is rejected: nothing has to wait for the signal itself.
  const hangUp = () => link.disconnect();
  signal?.addEventListener("abort", hangUp, { once: true });
  try {
    signal?.throwIfAborted();
    const { protocolVersion } = await withDeadline(
      link.initialize(),
      deadlineMs,
      () =>
        new AgentStartError(
          agent.name,
          `it did not answer initialize within ${deadlineMs / 1000} s`,
          "",
        ),
    );
    if (protocolVersion !== PROTOCOL_VERSION) {
      throw new AgentIncompatibleError(agent.name, protocolVersion, PROTOCOL_VERSION);
    }
  } catch (error) {
    if (error instanceof AgentStartError || error instanceof AgentIncompatibleError) {
      throw error;
    }
    const { reason } = await startFailureOf(error, agent.name, agentProcess, lost);
    throw new AgentStartError(agent.name, reason, agentProcess.stderrTail(), { cause: error });
  } finally {
    signal?.removeEventListener("abort", hangUp);
    await agentProcess.stop(STOP);
    link.disconnect();
  }
}
