import { readdirSync, readFileSync } from "node:fs";
import { isAlive } from "@pilotlight/testkit";

/** Live processes that carry a tree's marker of this owner (or of any) and belong to the campaign in `dir`. */
export function agentProcesses(dir: string, owner = ""): number[] {
  return allPids().filter((pid) => {
    const environ = environOf(pid);
    return environ.includes(`PILOTLIGHT_TREE=${owner}`) && environ.includes(dir) && isAlive(pid);
  });
}

/** The mark that a worker gives its agents. */
export function agentOwnerOf(worker: number): string | undefined {
  return /(?:^|\0)PILOTLIGHT_AGENT_OWNER=([^\0]+)/.exec(environOf(worker))?.[1];
}

/** The live children of a process. */
export function childrenOf(parent: number): number[] {
  return allPids().filter((pid) => parentOf(pid) === parent && isAlive(pid));
}

/** A process and everything below it, parents first. */
export function treeOf(root: number): number[] {
  const children = Map.groupBy(allPids(), parentOf);
  const found = [root];
  for (const pid of found) {
    found.push(...(children.get(pid) ?? []));
  }
  return found.filter(isAlive);
}

export function allPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** Empty where it is gone, or not ours to read. */
export function environOf(pid: number): string {
  return read(`/proc/${pid}/environ`);
}

export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
