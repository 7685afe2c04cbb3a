import { PilotlightError } from "@pilotlight/contracts";

/** Every agent that the channel may use has hit its usage limit. Nothing was started. */
export class AgentsLimitedError extends PilotlightError {
  /** When the first of them is reset (Unix ms). */
  readonly untilMs: number;

  constructor(agents: readonly string[], untilMs: number) {
    super(
      "agent_usage_limited",
      `${agents.map((name) => `agent "${name}"`).join(", ")}: the usage limit is hit until ${new Date(untilMs).toISOString()}`,
      { retryable: true },
    );
    this.untilMs = untilMs;
  }
}
