import type { PilotlightConfig } from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import { type AgentHealth, createAgentHealth } from "./agent-health.ts";
import { runProbe } from "./run-probe.ts";

export interface WatchAgentsOptions {
  readonly config: PilotlightConfig;
  readonly log: Logger;
  /** Marks the probes' processes for the warden. */
  readonly agentOwner: string | undefined;
  onChange(): void;
}

/** The health of the configured agents on this worker, probed as the configuration says. */
export function watchAgents({
  config,
  log,
  agentOwner,
  onChange,
}: WatchAgentsOptions): AgentHealth {
  const { containment } = config.workers;
  return createAgentHealth({
    agents: config.agents,
    watched: config.watchedAgents,
    probeEveryMs: config.probeEveryMs,
    log,
    runProbe: (agent, signal) =>
      runProbe(
        {
          dataDir: config.dataDir,
          deadlineMs: config.deadlines.probeMs,
          ...(containment === "auto" ? {} : { containment }),
          ...(agentOwner === undefined ? {} : { owner: agentOwner }),
        },
        agent,
        signal,
      ),
    onChange,
  });
}
