import { isLive } from "./parse-proc-stat.ts";
import type { ProcessTree } from "./process-tree.ts";
import { HAS_PROC, readProcess } from "./read-processes.ts";

/** As `ps` shows a process that SIGSTOP, or a debugger, has stopped. */
const STOPPED = "Tt";

/** Whether the tree's root is there and not stopped. True where the platform does not tell. */
export function isResponsive({ pid, startTicks }: ProcessTree): boolean {
  const entry = readProcess(pid);
  if (entry === undefined) {
    return !HAS_PROC;
  }
  return isLive(entry) && entry.startTicks === startTicks && !STOPPED.includes(entry.state);
}
