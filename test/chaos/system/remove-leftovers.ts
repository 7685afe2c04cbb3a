import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeNetworksOf } from "./network.ts";
import { allPids, commandOf, environOf } from "./processes.ts";
import { signal } from "./signal.ts";

const OURS = /\/pilotlight-chaos-(\d+)-/;

/** A file system in memory, where there is one. */
const MEMORY = "/dev/shm";

/** A directory of this campaign. All its processes have the first one in their environment. */
export function makeDir(where: "disk" | "memory" = "disk"): string {
  const parent = where === "memory" && existsSync(MEMORY) ? MEMORY : tmpdir();
  return mkdtempSync(join(parent, `pilotlight-chaos-${process.pid}-`));
}

/** Ends and removes what killed campaigns left: processes, networks, files. */
export function removeLeftovers(): void {
  for (const pid of allPids()) {
    const run = Number(OURS.exec(environOf(pid))?.[1]);
    if (Number.isInteger(run) && isGone(run)) {
      signal(pid, "SIGKILL");
    }
  }
  removeNetworksOf(isGone);
  for (const parent of [tmpdir(), MEMORY].filter((path) => existsSync(path))) {
    for (const name of readdirSync(parent)) {
      const run = Number(OURS.exec(`/${name}`)?.[1]);
      if (Number.isInteger(run) && isGone(run)) {
        rmSync(join(parent, name), { recursive: true, force: true });
      }
    }
  }
}

/** Pids are reused: what has this one now is no campaign. */
function isGone(run: number): boolean {
  return run !== process.pid && !commandOf(run).includes("chaos");
}
