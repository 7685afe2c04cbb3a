import { PilotlightError } from "@pilotlight/contracts";

/** The agent speaks another version of ACP than we do. */
export class AgentIncompatibleError extends PilotlightError {
  constructor(agent: string, version: unknown, ours: number) {
    super(
      "agent_incompatible",
      `agent "${agent}" speaks version ${JSON.stringify(version)} of the protocol, not ${ours}`,
    );
  }
}
