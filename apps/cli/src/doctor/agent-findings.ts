import { findAgent } from "@pilotlight/agents";
import type { AgentConfig, PilotlightConfig } from "@pilotlight/contracts";
import type { Finding } from "./finding.ts";

/** A missing agent is a failure only where it is the default one: nobody needs them all. */
export function agentFindings(config: PilotlightConfig): Finding[] {
  return Object.values(config.agents).map((agent) =>
    agentFinding(agent, agent.name === config.defaultAgent),
  );
}

function agentFinding(agent: AgentConfig, isDefault: boolean): Finding {
  const finding = findAgent(agent);
  const what = isDefault ? `agent ${agent.name} (default)` : `agent ${agent.name}`;
  if (finding.at === "missing") {
    return { what, level: isDefault ? "fail" : "warn", detail: finding.reason };
  }
  const where =
    finding.at === "ready" ? "found" : `npx fetches ${finding.package} at the first start`;
  const lacking = lackingKeys(agent);
  return lacking.length === 0
    ? { what, level: "ok", detail: where }
    : {
        what,
        level: "warn",
        detail: `${where}, but none of ${lacking.join(", ")} is set: set one, or sign in with the agent itself`,
      };
}

/** The variables that may hold its key, where not one of them does. */
function lackingKeys(agent: AgentConfig): string[] {
  const names = agent.env.filter((name) => /(KEY|TOKEN)$/.test(name));
  return names.some((name) => process.env[name] || agent.set[name]) ? [] : names;
}
