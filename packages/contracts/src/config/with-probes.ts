import { agentProbeOf } from "./agent-probe.ts";
import type { AgentConfig } from "./config.ts";
import type { ConfigFile } from "./config-schema.ts";
import { ollamaProbe } from "./ollama-probe.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Agents whose start says little about them: what they stand in front of is asked. */
const KNOWN_PROBES: Readonly<Record<string, typeof ollamaProbe>> = { ollama: ollamaProbe };

/** The agents with what tells whether they work: the probe that the file names, else one that is known for them. */
export function withProbes(
  agents: Readonly<Record<string, AgentConfig>>,
  file: ConfigFile,
  env: Env,
): Record<string, AgentConfig> {
  return Object.fromEntries(
    Object.entries(agents).map(([name, agent]) => {
      const given = file.agents[name]?.probe;
      const probe =
        given === undefined ? KNOWN_PROBES[name]?.({ ...env, ...agent.set }) : agentProbeOf(given);
      return [name, probe === undefined ? agent : { ...agent, probe }];
    }),
  );
}
