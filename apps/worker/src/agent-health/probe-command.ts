import { AgentStartError, type SpawnAgentOptions, spawnAgent } from "@pilotlight/agents";
import { withDeadline } from "@pilotlight/lifecycle";
import type { ProbeOutcome } from "./agent-health-state.ts";

export interface ProbeCommandOptions extends SpawnAgentOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** What it leaves running has nothing to finish. */
const STOP = { eofMs: 100, termMs: 500, killMs: 5000 };

/**
 * Runs a command as the agent would be run, without a shell; well where it exits with 0 in time. However it ends, none
 * of its processes is left.
 */
export async function probeCommand(options: ProbeCommandOptions): Promise<ProbeOutcome> {
  const { deadlineMs, signal } = options;
  const command = options.agent.command.join(" ");
  const child = await spawnAgent(options).catch((error: unknown) => {
    if (error instanceof AgentStartError) {
      return error.reason;
    }
    throw error;
  });
  if (typeof child === "string") {
    return { at: "failed", reason: `its probe cannot be run: ${child}` };
  }
  child.stdin.end();
  child.stdout.resume();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    const { exitCode, signal: endedBy } = await withDeadline(
      Promise.race([child.exited, aborted.promise]),
      deadlineMs,
      () => new LateProbe(),
    );
    if (exitCode === 0) {
      return { at: "good" };
    }
    const how = endedBy === null ? `exited with code ${exitCode}` : `was ended by ${endedBy}`;
    return { at: "failed", reason: `its probe "${command}" ${how}${said(child.stderrTail())}` };
  } catch (error) {
    if (error instanceof LateProbe) {
      return {
        at: "failed",
        reason: `its probe "${command}" took more than ${deadlineMs / 1000} s`,
      };
    }
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    await child.stop(STOP);
  }
}

class LateProbe extends Error {}

/** The last line of stderr is the one that says it. */
function said(stderr: string): string {
  const line = stderr.trim().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? "" : `: ${line}`;
}
