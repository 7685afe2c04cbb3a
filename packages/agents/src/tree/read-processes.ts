import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { type ProcessEntry, parseProcStat } from "./parse-proc-stat.ts";
import { TREE_VARIABLE } from "./process-tree.ts";

/** Reads so many processes at a stretch before it lets others run. */
const STRETCH = 200;

/** Whether this platform shows processes under `/proc`. */
export const HAS_PROC = existsSync("/proc/self/stat");

/** One process now; `undefined` where there is none with this pid. */
export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    // Gone, or no /proc at all.
    return undefined;
  }
}

/** Every process that this machine shows us, by pid. Empty where there is no `/proc`. */
export async function readProcesses(): Promise<Map<number, ProcessEntry>> {
  const processes = new Map<number, ProcessEntry>();
  if (!HAS_PROC) {
    return processes;
  }
  let read = 0;
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) {
      continue;
    }
    const entry = readProcess(pid);
    if (entry !== undefined) {
      processes.set(pid, entry);
    }
    read += 1;
    if (read % STRETCH === 0) {
      await setImmediate();
    }
  }
  return processes;
}

/** The tree marker in a process's environment; `undefined` where there is none or it is not ours to read. */
export function readMarker(pid: number): string | undefined {
  try {
    const prefix = `${TREE_VARIABLE}=`;
    const environ = readFileSync(`/proc/${pid}/environ`, "latin1");
    const start = environ.startsWith(prefix) ? 0 : environ.indexOf(`\0${prefix}`) + 1;
    if (start === 0 && !environ.startsWith(prefix)) {
      return undefined;
    }
    const end = environ.indexOf("\0", start);
    return environ.slice(start + prefix.length, end < 0 ? undefined : end);
  } catch {
    return undefined;
  }
}

/** Resident bytes of one process; 0 where it is gone. */
export function readRssBytes(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return Number(match?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
