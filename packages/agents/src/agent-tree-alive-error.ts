import { PilotlightError } from "@pilotlight/contracts";

/** Processes of an agent outlived SIGKILL (stuck in the kernel, or not ours to kill). They may still change things. */
export class AgentTreeAliveError extends PilotlightError {
  readonly pids: readonly number[];

  constructor(pids: readonly number[]) {
    super("agent_tree_alive", `processes of the agent could not be ended: ${pids.join(", ")}`);
    this.pids = pids;
  }
}
