import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { findCommand } from "./find-command.ts";

/** A process that is started again whenever it ends, as an init system does. */
export interface KeptProcess {
  /** Undefined while it is between two lives. */
  readonly pid: number | undefined;
  /** Ends it in whatever way the caller has, and starts it no more until `start`. */
  pause(end: () => void): Promise<void>;
  start(): void;
  /** `end` asks it to; SIGKILL where it stays. */
  stop(end: (pid: number) => void): Promise<void>;
}

export interface KeepOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Where its stderr goes. */
  readonly logFile: string;
}

const RESTART_AFTER_MS = 300;
const STOP_MS = 20_000;

export function keepProcess(command: readonly string[], options: KeepOptions): KeptProcess {
  // A campaign that is killed takes everything along.
  const setpriv = findCommand("setpriv");
  const [program = "", ...args] =
    setpriv === undefined ? command : [setpriv, "--pdeathsig", "KILL", "--", ...command];
  let child: ChildProcess | undefined;
  let kept = true;

  function start(): void {
    kept = true;
    const running = spawn(program, args, { env: options.env, stdio: ["ignore", "ignore", "pipe"] });
    child = running;
    running.stderr?.on("data", (chunk: Buffer) => appendFileSync(options.logFile, chunk));
    running.once("error", (error) => appendFileSync(options.logFile, `${error.message}\n`));
    running.once("exit", () => {
      child = undefined;
      if (kept) {
        setTimeout(() => kept && start(), RESTART_AFTER_MS);
      }
    });
  }

  async function pause(end: () => void): Promise<void> {
    kept = false;
    const running = child;
    if (running === undefined) {
      return;
    }
    const gone = once(running, "exit");
    end();
    const hard = setTimeout(() => running.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(hard);
  }

  start();
  return {
    get pid() {
      return child?.pid;
    },
    start,
    pause,
    stop: (end) => pause(() => child?.pid !== undefined && end(child.pid)),
  };
}
