import { PilotlightError } from "@pilotlight/contracts";

/** The agent's process could not be started, or ended or failed before its session was open. */
export class AgentStartError extends PilotlightError {
  /** What went wrong, as a part of a sentence: `its command "npx" was not found`. */
  readonly reason: string;
  /** The end of what it wrote to stderr, secrets removed; at most 2 KiB. */
  readonly stderr: string;
  /** The signal that ended its process: it did not end by its own will. */
  readonly killedBy?: string;

  constructor(
    agent: string,
    reason: string,
    stderr: string,
    { cause, killedBy }: { readonly cause?: unknown; readonly killedBy?: string } = {},
  ) {
    super("agent_start_failed", `agent "${agent}" did not start: ${reason}`, { cause });
    this.reason = reason;
    this.stderr = stderr;
    if (killedBy !== undefined) {
      this.killedBy = killedBy;
    }
  }
}
