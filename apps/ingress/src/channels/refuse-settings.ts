import { type ChannelSettings, cwdFault, type PilotlightConfig } from "@pilotlight/contracts";
import { HttpProblem } from "../http/http-problem.ts";

/** What a channel may be set to depends on the configuration too. @throws HttpProblem with a pointer to the field */
export function refuseSettings(config: PilotlightConfig, settings: ChannelSettings): void {
  for (const [index, name] of (settings.agents ?? []).entries()) {
    if (config.agents[name] === undefined) {
      throw refused("unknown_agent", `/agents/${index}`, `must be one of ${named(config.agents)}`);
    }
  }
  for (const [index, name] of (settings.mcpServers ?? []).entries()) {
    if (config.mcpServers[name] === undefined) {
      const pointer = `/mcpServers/${index}`;
      throw refused("invalid_value", pointer, `must be one of ${named(config.mcpServers)}`);
    }
  }
  const fault = settings.cwd === undefined ? undefined : cwdFault(settings.cwd, config.cwdRoots);
  if (fault !== undefined) {
    throw refused("cwd_not_allowed", "/cwd", fault);
  }
}

function named(declared: Readonly<Record<string, unknown>>): string {
  return Object.keys(declared).join(", ") || "those that the configuration names (none)";
}

function refused(
  code: "unknown_agent" | "invalid_value" | "cwd_not_allowed",
  pointer: string,
  detail: string,
): HttpProblem {
  return new HttpProblem(code, `${pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}
