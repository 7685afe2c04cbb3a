import { readdirSync, readFileSync } from "node:fs";
import { isAlive } from "@pilotlight/testkit";

/** Live processes that carry a tree's marker of this owner (or of any) and belong to the campaign in `dir`. */
export function agentProcesses(dir: string, owner = ""): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isAlive(pid))
    .filter((pid) => {
      const environ = environOf(pid);
      return environ.includes(`PILOTLIGHT_TREE=${owner}`) && environ.includes(dir);
    });
}

/** The mark that a worker gives its agents. */
export function agentOwnerOf(worker: number): string | undefined {
  return /(?:^|\0)PILOTLIGHT_AGENT_OWNER=([^\0]+)/.exec(environOf(worker))?.[1];
}

/** The children of a process. */
export function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent;
      } catch {
        return false; // not a process, or gone
      }
    })
    .filter(isAlive);
}

function environOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return ""; // gone, or not ours to read
  }
}
