import { PilotlightError } from "@pilotlight/contracts";

/** The agent did not say whether it took a message into its running turn. It may still do so. */
export class SteerUnansweredError extends PilotlightError {
  constructor(agent: string, waitedMs: number) {
    super(
      "steer_unanswered",
      `agent "${agent}" did not say within ${waitedMs / 1000} s whether it took the message into its turn`,
    );
  }
}
