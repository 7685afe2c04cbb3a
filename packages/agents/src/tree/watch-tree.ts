import { setTimeout as sleep } from "node:timers/promises";
import { lookAround } from "./look-around.ts";
import { isLive, type ProcessEntry } from "./parse-proc-stat.ts";
import type { ProcessTree } from "./process-tree.ts";
import { HAS_PROC, readProcess } from "./read-processes.ts";
import { treeMembers } from "./tree-members.ts";

/** Follows one tree while it is being ended. */
export interface TreeWatch {
  /** The live members now; remembers them. */
  scan(): Promise<readonly ProcessEntry[]>;
  /** Waits up to `ms` for the tree to be empty. */
  emptiedWithin(ms: number): Promise<boolean>;
  /** Finds every live member once more and signals it. */
  signal(signal: NodeJS.Signals): Promise<void>;
}

const FIRST_POLL_MS = 5;
const LAST_POLL_MS = 100;

export function watchTree(tree: ProcessTree): TreeWatch {
  return HAS_PROC ? watchByProc(tree, (marker) => marker === tree.marker) : watchByGroup(tree);
}

/** All trees of one owner as one. Empty where there is no `/proc`: nothing there tells whose a process is. */
export function watchOwner(owner: string): TreeWatch {
  return watchByProc(undefined, (marker) => marker.startsWith(`${owner}/`));
}

function watchByProc(
  root: ProcessTree | undefined,
  isOurMarker: (marker: string) => boolean,
): TreeWatch {
  const seen = new Map<number, number>(root === undefined ? [] : [[root.pid, root.startTicks]]);

  async function scan(): Promise<readonly ProcessEntry[]> {
    const { processes, markerOf } = await lookAround();
    const members = treeMembers({
      root,
      processes,
      seen,
      hasMarker: (pid) => isOurMarker(markerOf(pid) ?? ""),
    }).filter((entry) => isLive(entry) && !isOurs(entry.pid));
    for (const entry of members) {
      seen.set(entry.pid, entry.startTicks);
    }
    return members;
  }

  function anySeenIsLive(): boolean {
    for (const [pid, startTicks] of seen) {
      const entry = readProcess(pid);
      if (entry !== undefined && entry.startTicks === startTicks && isLive(entry)) {
        return true;
      }
      seen.delete(pid);
    }
    return false;
  }

  return {
    scan,
    async emptiedWithin(ms) {
      const until = performance.now() + ms;
      // A full scan costs a read of every process: it is made only where the known members are gone.
      for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 2, LAST_POLL_MS)) {
        if (!anySeenIsLive() && (await scan()).length === 0) {
          return true;
        }
        const leftMs = until - performance.now();
        if (leftMs <= 0) {
          return false;
        }
        await sleep(Math.min(pollMs, leftMs));
      }
    },
    async signal(signal) {
      for (const { pid, startTicks } of await scan()) {
        // Read again right before: between scan and signal the pid may have been given away.
        if (readProcess(pid)?.startTicks === startTicks) {
          trySignal(pid, signal);
        }
      }
    },
  };
}

/** Without `/proc` only the root's own process group can be seen: what left it is not found. */
function watchByGroup(tree: ProcessTree): TreeWatch {
  const root: ProcessEntry = {
    pid: tree.pid,
    ppid: 0,
    pgid: tree.pid,
    sid: tree.pid,
    state: "S",
    startTicks: tree.startTicks,
  };
  const scan = async () => (trySignal(-tree.pid, 0) ? [root] : []);
  return {
    scan,
    async emptiedWithin(ms) {
      const until = performance.now() + ms;
      while ((await scan()).length > 0) {
        if (performance.now() >= until) {
          return false;
        }
        await sleep(LAST_POLL_MS / 2);
      }
      return true;
    },
    async signal(signal) {
      trySignal(-tree.pid, signal);
    },
  };
}

function isOurs(pid: number): boolean {
  return pid === 1 || pid === process.pid || pid === process.ppid;
}

function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // Gone in the meantime, or not ours: the next scan tells.
    return false;
  }
}
