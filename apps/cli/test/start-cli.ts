import { type ChildProcess, spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { testDir } from "./run-cli.ts";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

export interface StartedCli {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly exit: Promise<number | null>;
}

/** Starts the command and leaves it running; `input` is its stdin. */
export function startCli(args: readonly string[], input = ""): StartedCli {
  const cwd = testDir();
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.end(input);
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    exit: new Promise((resolve) => child.once("close", resolve)),
  };
}
