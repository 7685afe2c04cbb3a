import type { AgentConfig, PilotlightConfig } from "@pilotlight/contracts";
import { lookAtAgent } from "../agents/look-at-agent.ts";
import type { Finding } from "./finding.ts";

/** An agent that cannot be used is a failure only where it is the default one: nobody needs them all. */
export async function agentFindings(config: PilotlightConfig): Promise<Finding[]> {
  return await Promise.all(
    Object.values(config.agents).map((agent) =>
      agentFinding(agent, agent.name === config.defaultAgent),
    ),
  );
}

async function agentFinding(agent: AgentConfig, isDefault: boolean): Promise<Finding> {
  const look = await lookAtAgent(agent);
  const what = isDefault ? `agent ${agent.name} (default)` : `agent ${agent.name}`;
  if (look.at === "missing") {
    return { what, level: isDefault ? "fail" : "warn", detail: look.reason };
  }
  if (look.at === "silent") {
    return {
      what,
      level: isDefault ? "fail" : "warn",
      detail: `found, but ${look.reason}; start what answers there`,
    };
  }
  const where = look.at === "ready" ? "found" : `npx fetches ${look.package} at the first start`;
  const lacking = lackingKeys(agent);
  return lacking.length === 0
    ? { what, level: "ok", detail: where }
    : {
        what,
        level: "warn",
        detail: `${where}, but none of ${lacking.join(", ")} is set: set one where Pilotlight is started${aboutSignIn(agent)}`,
      };
}

/** A person's own sign-in lies in the configuration directory that the agent does not get. */
function aboutSignIn({ name, configDirEnv }: AgentConfig): string {
  return configDirEnv === undefined
    ? ", or sign in with the agent itself"
    : ` (each channel has its own ${configDirEnv}, so a sign-in with ${name} itself is not seen)`;
}

/** The variables that may hold its key, where not one of them does. */
function lackingKeys(agent: AgentConfig): string[] {
  const names = agent.env.filter((name) => /(KEY|TOKEN)$/.test(name));
  return names.some((name) => process.env[name] || agent.set[name]) ? [] : names;
}
