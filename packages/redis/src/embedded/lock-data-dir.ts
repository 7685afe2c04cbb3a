import {
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PilotlightError } from "@pilotlight/contracts";
import { leftBehindPidFile } from "./start-server.ts";

export interface DataDirLock {
  release(): void;
}

const LEFT_BEHIND_WAIT_MS = 10_000;

/**
 * Makes sure that one `up` works on a data directory: a lock of pid and process start time, taken over when its
 * process is gone. A Redis that a killed `up` left on the same files is ended (and saved) first.
 *
 * @throws PilotlightError `DATA_DIR_LOCKED`, naming the pid.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "lock");
  const holder = readHolder(path);
  if (
    holder !== undefined &&
    holder.pid !== process.pid &&
    startTicks(holder.pid) === holder.ticks
  ) {
    throw new PilotlightError(
      "DATA_DIR_LOCKED",
      `the data directory ${dataDir} is in use by process ${holder.pid}; stop that one, or choose another with --data-dir`,
    );
  }
  rmSync(path, { force: true });
  writeFileSync(path, JSON.stringify({ pid: process.pid, ticks: startTicks(process.pid) }), {
    mode: 0o600,
    flag: "wx",
  });
  await endLeftBehind(dataDir);
  return { release: () => rmSync(path, { force: true }) };
}

function readHolder(path: string): { pid: number; ticks: string | undefined } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/<pid>/stat: with the pid it names a process for good. Undefined where it is gone. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

async function endLeftBehind(dataDir: string): Promise<void> {
  const pidFile = leftBehindPidFile(dataDir);
  if (pidFile === undefined) {
    return;
  }
  const pid = Number(readFileSync(pidFile, "utf8").trim());
  if (!isOurServer(pid, dataDir)) {
    return;
  }
  process.kill(pid, "SIGTERM");
  for (let waitedMs = 0; isOurServer(pid, dataDir); waitedMs += 50) {
    if (waitedMs > LEFT_BEHIND_WAIT_MS) {
      process.kill(pid, "SIGKILL");
    }
    await sleep(50);
  }
}

/** By where it works: a reused pid must not cost somebody else's process its life. */
function isOurServer(pid: number, dataDir: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const dead = /\) [ZX] /.test(stat);
    return !dead && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(join(dataDir, "redis"));
  } catch {
    return false;
  }
}
