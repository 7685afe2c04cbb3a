import type { AgentConfig, McpServerConfig, PilotlightConfig } from "@pilotlight/contracts";
import type { SessionPreferences } from "@pilotlight/sessions";
import { type ChannelPlace, channelPlace, namedPlace } from "../channel-places.ts";
import type { ChannelProfile } from "../channel-profile.ts";

/** What a channel's session with one agent has to be opened with. */
export interface SessionPlan {
  readonly agent: AgentConfig;
  readonly place: ChannelPlace;
  readonly cwd: string;
  readonly mcpServers: readonly McpServerConfig[];
  /** For `session/new`. */
  readonly systemPrompt?: string;
  /** For an agent that does not take it there: told ahead of the first prompt. */
  readonly instructions?: string;
  readonly preferences: SessionPreferences;
}

/** @returns a sentence where this worker's configuration does not have what the channel asks for */
export function planSession(
  config: PilotlightConfig,
  channel: string,
  profile: ChannelProfile,
  agentName: string,
): SessionPlan | string {
  const agent = config.agents[agentName];
  if (agent === undefined) {
    return `agent "${agentName}" is not configured on this worker`;
  }
  const { cwd, systemPrompt, agentMode, agentConfig, mcpServers = [] } = profile.settings;
  const missing = mcpServers.find((name) => config.mcpServers[name] === undefined);
  if (missing !== undefined) {
    return `the tool server "${missing}" is not configured on this worker`;
  }
  const place =
    profile.workspace === undefined
      ? channelPlace(config.dataDir, channel, agentName)
      : namedPlace(config.dataDir, profile.workspace, agentName);
  return {
    agent,
    place,
    cwd: cwd ?? place.workspace,
    mcpServers: mcpServers.flatMap((name) => config.mcpServers[name] ?? []),
    ...(systemPrompt === undefined
      ? {}
      : agent.takesSystemPrompt === true
        ? { systemPrompt }
        : { instructions: systemPrompt }),
    preferences: {
      ...(agentMode === undefined ? {} : { mode: agentMode }),
      ...(agentConfig === undefined ? {} : { config: agentConfig }),
    },
  };
}

/** What is fixed when a session's process starts: another one of these needs another process. */
export function processKey({
  agent,
  cwd,
  mcpServers,
  systemPrompt,
  instructions,
}: SessionPlan): string {
  return JSON.stringify([agent.name, cwd, mcpServers, systemPrompt, instructions]);
}

/** Whether a session that was opened ahead, for nobody yet, can serve the plan as if it had been opened for it. */
export function fitsStandby({ cwd, place, mcpServers, systemPrompt }: SessionPlan): boolean {
  return cwd === place.workspace && mcpServers.length === 0 && systemPrompt === undefined;
}
