import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { containedCommand } from "./contained-command.ts";
import type { Containment } from "./containment.ts";

const run = promisify(execFile);
const PROBE_MS = 5000;

let found: Promise<Containment> | undefined;

/** The strongest containment that this machine allows; found once per process, by really starting something under it. */
export function findContainment(): Promise<Containment> {
  found ??= canContain("namespace").then((can) => (can ? "namespace" : "none"));
  return found;
}

/** Whether a process can be started under it here. */
export async function canContain(containment: Containment): Promise<boolean> {
  const [command = "", ...args] = containedCommand(containment, ["true"], isRoot());
  try {
    await run(command, args, { timeout: PROBE_MS, killSignal: "SIGKILL" });
    return true;
  } catch {
    // Not installed, or not allowed here.
    return false;
  }
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
