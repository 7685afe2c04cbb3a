import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { withDeadline } from "@pilotlight/lifecycle";

const START_MS = 60_000;
const STOP_MS = 10_000;

/** A process that runs one of a benchmark's parts. */
export interface StartedProcess<R> {
  readonly pid: number;
  /** What it said of itself when it was ready. */
  readonly ready: R;
  stop(): Promise<void>;
}

/**
 * Starts a TypeScript file as a process of its own, with `given` as JSON in its argument, and waits for its
 * first line: JSON that says it is ready.
 */
export async function startProcess<R>(
  file: string,
  given: Readonly<Record<string, unknown>>,
  nodeArgs: readonly string[] = [],
): Promise<StartedProcess<R>> {
  const program = new URL(file, import.meta.url).pathname;
  const child = spawn(process.execPath, [...nodeArgs, program, JSON.stringify(given)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const firstLine = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code} at its start`)));
  });
  const tooLate = () => new Error(`${file} was not ready in ${START_MS} ms`);
  const ready = JSON.parse(await withDeadline(firstLine, START_MS, tooLate)) as R;
  return {
    pid: child.pid ?? 0,
    ready,
    async stop() {
      const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      child.kill("SIGTERM");
      await exited;
      clearTimeout(kill);
    },
  };
}
