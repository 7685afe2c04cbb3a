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
  const place = ownPlace();
  const startTicks = startTicksOf(pid);
  return place === undefined || startTicks === undefined ? undefined : { place, startTicks };
}

/** Where this process is; undefined where there is no /proc. */
export function ownPlace(): string | undefined {
  try {
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${bootId} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return undefined;
  }
}

/** Undefined where no live process has this pid; one that is dead and waits to be reaped is gone. */
export function startTicksOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const startTicks = Number(fields[18]);
    return state === "Z" || state === "X" || !Number.isFinite(startTicks) ? undefined : startTicks;
  } catch {
    return undefined;
  }
}
