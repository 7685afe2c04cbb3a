import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { probeHttp } from "@pilotlight/agents";
import type { PilotlightConfig } from "@pilotlight/contracts";
import type { ProbeOutcome } from "../agent-health/agent-health-state.ts";
import { probeCommand } from "../agent-health/probe-command.ts";

/**
 * Runs one of the configured prechecks: undefined where the agent is to be woken, else why not. A precheck that cannot
 * be run objects, too. Bounded in time, and none of its processes is left.
 *
 * @throws where the signal ends it.
 */
export async function runPrecheck(
  config: PilotlightConfig,
  agentOwner: string | undefined,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const precheck = config.prechecks[name];
  if (precheck === undefined) {
    return `this worker's configuration names no precheck "${name}"`;
  }
  const { probe, deadlineMs, env } = precheck;
  const { containment } = config.workers;
  let outcome: ProbeOutcome;
  if ("http" in probe) {
    outcome = await probeHttp({ url: probe.http, deadlineMs, signal });
  } else {
    const cwd = join(config.dataDir, "prechecks", name);
    mkdirSync(cwd, { recursive: true });
    outcome = await probeCommand({
      agent: { name, command: probe.command, env, set: {}, asksBeforeChanges: false },
      cwd,
      deadlineMs,
      signal,
      ...(containment === "auto" ? {} : { containment }),
      ...(agentOwner === undefined ? {} : { owner: agentOwner }),
    });
  }
  return outcome.at === "good" ? undefined : outcome.reason.slice(0, MOST_CHARS);
}

const MOST_CHARS = 500;
