import type { SessionPreferences } from "../agent-session.ts";
import { AgentSettingsError } from "../errors/agent-settings-error.ts";
import { isAcpAnswer } from "../errors/from-acp-error.ts";
import type { AgentLink } from "../link/agent-link.ts";

/**
 * Sets mode and options of a session that is open. Some agents forget them with their process.
 *
 * @throws AgentSettingsError where the agent refuses one, or what the SDK rejects with at a lost connection
 */
export async function applyPreferences(
  link: AgentLink,
  agent: string,
  sessionId: string,
  { mode, config = {} }: SessionPreferences,
): Promise<void> {
  if (mode !== undefined) {
    await refusable(agent, `the mode ${JSON.stringify(mode)}`, link.setMode(sessionId, mode));
  }
  for (const [option, value] of Object.entries(config)) {
    const what = `${JSON.stringify(value)} for its option ${JSON.stringify(option)}`;
    await refusable(agent, what, link.setOption(sessionId, option, value));
  }
}

async function refusable(agent: string, what: string, setting: Promise<void>): Promise<void> {
  try {
    await setting;
  } catch (error) {
    throw isAcpAnswer(error) ? new AgentSettingsError(agent, what, error) : error;
  }
}
