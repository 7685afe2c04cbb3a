import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AgentTreeAliveError, type Containment, findAgent, probeHttp } from "@pilotlight/agents";
import type { AgentConfig } from "@pilotlight/contracts";
import { probeAgent } from "@pilotlight/sessions";
import type { ProbeOutcome } from "./agent-health-state.ts";
import { failureReason } from "./failure-reason.ts";
import { probeCommand } from "./probe-command.ts";

export interface RunProbeOptions {
  /** Where probed agents may write: no channel's, nor a person's own. */
  readonly dataDir: string;
  readonly deadlineMs: number;
  /** Default: the strongest that this machine allows. */
  readonly containment?: Containment;
  /** Marks its processes for the warden. */
  readonly owner?: string;
}

/**
 * Finds out whether an agent works: by the probe that is configured or known for it, else by starting it. Bounded in
 * time, and none of its processes is left.
 *
 * @throws where the signal ends it, and where processes outlive SIGKILL.
 */
export async function runProbe(
  options: RunProbeOptions,
  agent: AgentConfig,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const { deadlineMs } = options;
  const { probe } = agent;
  if (probe !== undefined && "http" in probe) {
    return await probeHttp({ url: probe.http, deadlineMs, signal });
  }
  const root = join(options.dataDir, "probes", agent.name);
  const cwd = join(root, "workspace");
  mkdirSync(cwd, { recursive: true });
  const spawning = {
    cwd,
    deadlineMs,
    signal,
    ...(options.containment === undefined ? {} : { containment: options.containment }),
    ...(options.owner === undefined ? {} : { owner: options.owner }),
  };
  return probe === undefined
    ? await shakeHands({ ...spawning, agent, configDir: join(root, "config") })
    : await probeCommand({ ...spawning, agent: { ...agent, command: probe.command } });
}

async function shakeHands(options: Parameters<typeof probeAgent>[0]): Promise<ProbeOutcome> {
  const finding = findAgent(options.agent);
  if (finding.at === "missing") {
    return { at: "failed", reason: finding.reason };
  }
  if (finding.at === "fetched-on-use") {
    // Megabytes from a registry every quarter of an hour would be a high price for an answer.
    return { at: "unknown", reason: `npx fetches ${finding.package} at the first start` };
  }
  try {
    await probeAgent(options);
    return { at: "good" };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof AgentTreeAliveError) {
      throw error;
    }
    return { at: "failed", reason: failureReason(error) };
  }
}
