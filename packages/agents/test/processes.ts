import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isLive } from "../src/tree/parse-proc-stat.ts";
import { readMarker, readProcess, readProcesses } from "../src/tree/read-processes.ts";

/** Whether the process exists and is not merely waiting to be reaped. */
export function isAlive(pid: number): boolean {
  const entry = readProcess(pid);
  return entry !== undefined && isLive(entry);
}

/** Live processes of this machine that carry the marker. */
export async function withMarker(marker: string): Promise<readonly number[]> {
  const processes = await readProcesses();
  return [...processes.keys()].filter((pid) => isAlive(pid) && readMarker(pid) === marker);
}

export function environOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
}

/** Waits until the condition holds; fails loudly at the deadline. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 10_000,
): Promise<T> {
  for (const end = Date.now() + deadlineMs; Date.now() < end; await sleep(10)) {
    const seen = await look();
    if (seen !== undefined && seen !== false) {
      return seen;
    }
  }
  throw new Error(`waited in vain: ${what}`);
}
