import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const LOOKS = 5;
const EVERY_MS = 600;

/** The memory that processes have for themselves, shared pages by their share, after a full collection of garbage. */
export async function pssBytes(pids: readonly number[]): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look += 1) {
    for (const pid of pids) {
      process.kill(pid, "SIGUSR2");
    }
    await sleep(EVERY_MS);
    least = Math.min(
      least,
      pids.reduce((sum, pid) => sum + pssOf(pid), 0),
    );
  }
  return least;
}

function pssOf(pid: number): number {
  const match = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
  if (match === null) {
    throw new Error(`process ${pid} does not tell its memory`);
  }
  return Number(match[1]) * 1024;
}
