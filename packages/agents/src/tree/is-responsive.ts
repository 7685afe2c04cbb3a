import { readFileSync } from "node:fs";
import { isLive } from "./parse-proc-stat.ts";
import type { ProcessTree } from "./process-tree.ts";
import { HAS_PROC, readProcess } from "./read-processes.ts";

/** As `ps` shows a process that SIGSTOP, or a debugger, has stopped. */
const STOPPED = "Tt";
/** What contains an agent comes before it: `unshare` and the namespace's first process. */
const DEEPEST = 3;

/**
 * Whether the tree's root is there, and neither it nor the first of its descendants is stopped. A tool that is stopped
 * further down is the agent's business. True where the platform does not tell.
 */
export function isResponsive(tree: ProcessTree): boolean {
  return !HAS_PROC || stateOf(tree) === "running";
}

/** Whether its root, or the first of its descendants, is stopped: it hears neither the end of its input nor SIGTERM. */
export function isStopped(tree: ProcessTree): boolean {
  return HAS_PROC && stateOf(tree) === "stopped";
}

function stateOf({ pid, startTicks }: ProcessTree): "running" | "stopped" | "gone" {
  if (readProcess(pid)?.startTicks !== startTicks) {
    return "gone";
  }
  let next: number | undefined = pid;
  for (let depth = 0; next !== undefined && depth < DEEPEST; depth += 1) {
    const entry = readProcess(next);
    if (entry === undefined || !isLive(entry)) {
      return "gone";
    }
    if (STOPPED.includes(entry.state)) {
      return "stopped";
    }
    next = firstChild(next);
  }
  return "running";
}

function firstChild(pid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ");
    return first === undefined || first === "" ? undefined : Number(first);
  } catch {
    return undefined; // gone, or a kernel without this file
  }
}
