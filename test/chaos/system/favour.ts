import { setPriority } from "node:os";

const NICENESS = -10;

/** What stands for the network and for the machine of Redis does not wait for a processor behind the agents. */
export function favour(pid: number | undefined): void {
  try {
    setPriority(pid ?? 0, NICENESS);
  } catch {
    // Not ours to decide, without root: then a busy machine shows as a slow network.
  }
}
