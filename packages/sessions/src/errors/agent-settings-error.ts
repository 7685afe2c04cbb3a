import { PilotlightError } from "@pilotlight/contracts";

/** The agent refuses what the channel's settings ask of it. It is there, and would work with other settings. */
export class AgentSettingsError extends PilotlightError {
  constructor(agent: string, what: string, cause: Error) {
    super(
      "agent_settings_refused",
      `agent "${agent}" does not take ${what} from the channel's settings: ${cause.message}`,
      { cause },
    );
  }
}
