import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeNetworksOf } from "./network.ts";
import { allPids, commandOf, environOf } from "./processes.ts";
import { signal } from "./signal.ts";

const OURS = /\/pilotlight-chaos-(\d+)-/;

/** The beginning of the name of a campaign's directory. All its processes have that directory in their environment. */
export const DIR_PREFIX = join(tmpdir(), `pilotlight-chaos-${process.pid}-`);

/** Ends and removes what killed campaigns left: processes, networks, files. */
export function removeLeftovers(): void {
  for (const pid of allPids()) {
    const run = Number(OURS.exec(environOf(pid))?.[1]);
    if (Number.isInteger(run) && isGone(run)) {
      signal(pid, "SIGKILL");
    }
  }
  removeNetworksOf(isGone);
  for (const name of readdirSync(tmpdir())) {
    const run = Number(OURS.exec(`/${name}`)?.[1]);
    if (Number.isInteger(run) && isGone(run)) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

/** Pids are reused: what has this one now is no campaign. */
function isGone(run: number): boolean {
  return run !== process.pid && !commandOf(run).includes("chaos");
}
