import type { AgentConfig, PilotlightConfig } from "@pilotlight/contracts";
import { type AgentLook, lookAtAgent } from "./look-at-agent.ts";

/**
 * The agents that can be used at once, for the greeting of `up`; the default one in any case, with what is wrong with
 * it. Never rejects.
 */
export async function agentsLine(config: PilotlightConfig): Promise<string> {
  const parts = await Promise.all(
    Object.values(config.agents).map(async (agent) =>
      part(agent, await lookAtAgent(agent), agent.name === config.defaultAgent),
    ),
  );
  return parts.filter((text) => text !== undefined).join(", ");
}

function part({ name }: AgentConfig, look: AgentLook, isDefault: boolean): string | undefined {
  if (!isDefault) {
    return look.at === "ready" ? name : undefined;
  }
  switch (look.at) {
    case "ready":
      return `${name} (default)`;
    case "fetched-on-use":
      return `${name} (default; npx fetches it at the first start)`;
    default:
      return `${name} (default, but ${look.reason}: see npx pilotlight doctor)`;
  }
}
