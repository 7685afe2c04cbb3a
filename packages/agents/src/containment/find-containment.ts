import { spawn } from "node:child_process";
import { once } from "node:events";
import { containedCommand } from "./contained-command.ts";
import type { Containment } from "./containment.ts";
import { stdioOf } from "./stdio-of.ts";

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
  const stdio = stdioOf(containment, "ignore");
  const child = spawn(command, args, { stdio, timeout: PROBE_MS, killSignal: "SIGKILL" });
  try {
    const [exitCode] = (await once(child, "exit")) as [number | null];
    return exitCode === 0;
  } catch {
    return false;
  }
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
