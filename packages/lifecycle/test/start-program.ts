import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { waitUntil } from "@pilotlight/testkit";
import { readLines } from "../src/read-lines.ts";

export interface StartedProgram {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly messages: readonly unknown[];
  said(line: string | RegExp): Promise<string>;
  /** Its code or signal, once all it said is in `lines`. */
  readonly exit: Promise<number | string>;
}

/** Runs one of `test/programs` as a child with an IPC pipe. */
export function startProgram(
  name: string,
  env: Readonly<Record<string, string>> = {},
): StartedProgram {
  const child = fork(new URL(`./programs/${name}.ts`, import.meta.url), [], {
    env: { ...process.env, ...env },
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines: string[] = [];
  const messages: unknown[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) {
      readLines(stream, (line) => lines.push(line));
    }
  }
  child.on("message", (message) => messages.push(message));
  // Its "close" never comes once the pipe was cut from this side, so the ends are awaited one by one.
  const ends = [child.stdout, child.stderr].map((stream) => stream && once(stream, "close"));
  const exit = once(child, "exit").then(async ([code, signal]) => {
    await Promise.all(ends);
    return (signal ?? code) as number | string;
  });
  return {
    child,
    lines,
    messages,
    exit,
    said: (wanted) =>
      waitUntil(`it says ${wanted}`, () =>
        lines.find((line) => (typeof wanted === "string" ? line === wanted : wanted.test(line))),
      ),
  };
}
