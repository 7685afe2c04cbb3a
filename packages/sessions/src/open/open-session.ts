import { mkdirSync } from "node:fs";
import { type AgentProcess, AgentStartError, spawnAgent } from "@pilotlight/agents";
import { withDeadline } from "@pilotlight/lifecycle";
import type { AgentSession, OpenSessionOptions } from "../agent-session.ts";
import { createSession } from "../create-session.ts";
import { AgentIncompatibleError } from "../errors/agent-incompatible-error.ts";
import { AgentSettingsError } from "../errors/agent-settings-error.ts";
import { type AgentLink, connectAgent } from "../link/agent-link.ts";
import { watchLoss } from "../link/watch-loss.ts";
import { applyPreferences } from "./apply-preferences.ts";
import {
  BrokenStepError,
  type HandshakeOptions,
  type HandshakeStep,
  handshake,
  type Ladder,
  type OpenedSession,
} from "./handshake.ts";
import { type StartFailure, startFailureOf } from "./start-failure.ts";

/** An agent that failed to start has nothing to finish. */
const FAILED_START_STOP = { eofMs: 500, termMs: 500, killMs: 5000 };

/** Earlier sessions that are tried: a person waits. */
const MOST_TRIED = 3;
/** Opening an earlier session may take so much of the whole time: a new one can be opened although all of them hang. */
const STEP_SHARE = 1 / (MOST_TRIED + 1);

/**
 * Starts an agent process and opens a session in it, an earlier one where `resume` names one that can be opened again,
 * else a new one; all within `deadlines.startMs`. An agent that hangs or ends while it opens an earlier session is ended
 * to its last process, and another one goes on with the next step. Where it rejects, no process of the agent is left.
 *
 * @throws AgentStartError, AgentIncompatibleError, AgentSettingsError
 */
export async function openSession(options: OpenSessionOptions): Promise<AgentSession> {
  makeDirectories(options);
  const ladder: Ladder = {
    untried: [...(options.resume ?? [])].slice(0, MOST_TRIED),
    condemned: [],
  };
  const endsAtMs = performance.now() + options.deadlines.startMs;
  for (;;) {
    const session = await openInProcess(options, ladder, endsAtMs);
    if (session !== undefined) {
      return session;
    }
  }
}

/** Undefined where the process was lost in opening an earlier session: there is one step less to try then. */
async function openInProcess(
  options: OpenSessionOptions,
  ladder: Ladder,
  endsAtMs: number,
): Promise<AgentSession | undefined> {
  const { agent, deadlines, systemPrompt } = options;
  const agentProcess = await spawnAgent(options);
  const link = connectAgent(agentProcess);
  const lost = watchLoss(agentProcess, link);
  let step: HandshakeStep = "initialize";

  async function open(handshakeOptions: HandshakeOptions): Promise<OpenedSession> {
    const opened = await handshake(handshakeOptions);
    step = "its settings";
    await applyPreferences(link, agent.name, opened.sessionId, options.preferences ?? {});
    return opened;
  }

  try {
    const opened = await withDeadline(
      open({
        link,
        agent: agent.name,
        place: { cwd: options.cwd, mcpServers: options.mcpServers ?? [] },
        systemPrompt,
        ladder,
        stepMs: deadlines.startMs * STEP_SHARE,
        onStep: (next) => {
          step = next;
        },
      }),
      Math.max(0, endsAtMs - performance.now()),
      () => new StartTimeout(`it did not answer ${step} within ${deadlines.startMs / 1000} s`),
    );
    return createSession({ options, agentProcess, link, lost, opened });
  } catch (error) {
    const { reason, killedBy } = await failureOf(error, agent.name, agentProcess, lost);
    await agentProcess.stop(options.stop ?? FAILED_START_STOP);
    link.disconnect();
    if (error instanceof BrokenStepError) {
      return undefined;
    }
    if (error instanceof AgentIncompatibleError || error instanceof AgentSettingsError) {
      throw error;
    }
    throw new AgentStartError(agent.name, `${reason}${noiseOf(link)}`, agentProcess.stderrTail(), {
      cause: error,
      ...(killedBy === undefined ? {} : { killedBy }),
    });
  }
}

/** Tells the start's deadline from every other failure. */
class StartTimeout extends Error {}

function makeDirectories({ agent, cwd, configDir }: OpenSessionOptions): void {
  try {
    mkdirSync(cwd, { recursive: true });
    mkdirSync(configDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AgentStartError(agent.name, "its directories could not be made", "", {
      cause: error,
    });
  }
}

async function failureOf(
  error: unknown,
  agent: string,
  agentProcess: AgentProcess,
  lost: ReturnType<typeof watchLoss>,
): Promise<StartFailure> {
  return error instanceof BrokenStepError ||
    error instanceof StartTimeout ||
    error instanceof AgentIncompatibleError ||
    error instanceof AgentSettingsError
    ? { reason: error.message }
    : await startFailureOf(error, agent, agentProcess, lost);
}

function noiseOf({ noise }: AgentLink): string {
  return noise.dropped === 0
    ? ""
    : `; it wrote ${noise.dropped} line(s) to stdout that are not the protocol's, the first: ${JSON.stringify(noise.sample)}`;
}
