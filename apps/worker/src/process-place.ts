import { readFileSync, readlinkSync } from "node:fs";

/** Where a process can be looked at, and which one it is: a pid alone is reused. */
export interface ProcessPlace {
  /** Boot id and pid namespace: only whoever shares both sees the process under its pid. */
  readonly place: string;
  /** Field 22 of /proc/<pid>/stat: the start time, in clock ticks since boot. */
  readonly startTicks: number;
}

/** Undefined where there is no /proc, or no such process. */
export function processPlace(pid: number): ProcessPlace | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const startTicks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    return Number.isFinite(startTicks) ? { place: ownPlace(), startTicks } : undefined;
  } catch {
    return undefined;
  }
}

function ownPlace(): string {
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${bootId} ${readlinkSync("/proc/self/ns/pid")}`;
}
