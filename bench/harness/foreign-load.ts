import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** Cores that others kept busy while something was measured: a run beside more than one is worth nothing. */
export interface ForeignLoad {
  /** Average since the start, in cores. */
  cores(): number;
}

/** Counts from now on. What this process and its descendants use, ended ones included, is not foreign. */
export function watchForeignLoad(): ForeignLoad {
  const startedMs = performance.now();
  const busyBefore = busyTicks();
  const ownBefore = ownTicks();
  return {
    cores() {
      const seconds = (performance.now() - startedMs) / 1000;
      const foreign = busyTicks() - busyBefore - (ownTicks() - ownBefore);
      return Math.max(0, foreign / TICKS_PER_SECOND / seconds);
    },
  };
}

/**
 * Ticks that all cores together spent in processes: user, nice, system. Interrupts are left out: no process is
 * charged for them, and most are those of our own traffic over loopback.
 */
function busyTicks(): number {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  return user + nice + system;
}

function ownTicks(): number {
  const processes = new Map(readProcesses().map((entry) => [entry.pid, entry]));
  let ticks = 0;
  for (const entry of processes.values()) {
    if (descendsFromUs(entry, processes)) {
      ticks += entry.ticks;
    }
  }
  return ticks;
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

function readProcesses(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseStat(Number(name), readFileSync(`/proc/${name}/stat`, "utf8"))];
      } catch {
        return []; // ended since the folder was listed
      }
    });
}

/** The command may hold spaces and brackets: fields count from its last bracket. */
function parseStat(pid: number, stat: string): ProcessEntry {
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const used = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return { pid, parent: fields[1] ?? 0, ticks: used };
}

function descendsFromUs(entry: ProcessEntry, all: ReadonlyMap<number, ProcessEntry>): boolean {
  let current: ProcessEntry | undefined = entry;
  while (current !== undefined && current.pid !== process.pid) {
    current = all.get(current.parent);
  }
  return current !== undefined;
}
