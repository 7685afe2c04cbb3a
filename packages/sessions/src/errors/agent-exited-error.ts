import { PilotlightError } from "@pilotlight/contracts";

/** The agent's process or its connection ended while it was needed. What its turn did is unknown. */
export class AgentExitedError extends PilotlightError {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of its stderr, secrets removed; at most 2 KiB. */
  readonly stderr: string;

  constructor(
    agent: string,
    how: string,
    end: {
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly stderr: string;
    },
  ) {
    super("agent_exited", `agent "${agent}" ${how}`);
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.stderr = end.stderr;
  }
}
