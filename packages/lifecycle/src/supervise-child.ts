import { type ChildProcess, fork } from "node:child_process";
import { performance } from "node:perf_hooks";
import { ChildExitedError } from "./child-exited-error.ts";
import { type ChildMessage, isChildMessage } from "./child-message.ts";
import { readLines } from "./read-lines.ts";
import { type Backoff, exited, type RestartState, started, stopped } from "./restart-state.ts";

export interface SuperviseOptions {
  readonly name: string;
  /** One of our own scripts; runs on the Node that runs us. */
  readonly script: string;
  /** Asked for at every start. */
  env(): Readonly<Record<string, string | undefined>>;
  readonly backoff?: Backoff;
  /** A line of stdout or stderr. */
  onLine(line: string): void;
  onMessage?(message: ChildMessage): void;
  onExit?(code: number | null, signal: string | null): void;
  /** Awaited between an exit and the next start; where it fails, it is tried again after a growing wait. */
  beforeRestart?(): Promise<void>;
}

export interface SupervisedChild {
  readonly name: string;
  readonly pid: number | undefined;
  /** Resolves with the first `ready`; rejects with a ChildExitedError when the child exits before it. */
  readonly ready: Promise<Extract<ChildMessage, { type: "ready" }>>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after the grace; resolves when it is gone and stays gone. */
  stop(graceMs: number): Promise<void>;
}

const LEAVES_WITHIN_MS = 2000;

const DEFAULT_BACKOFF: Backoff = { firstMs: 100, mostMs: 10_000, healthyAfterMs: 30_000 };

/** Runs a script and starts it again, with a growing wait, whenever it exits unasked. */
export function superviseChild(options: SuperviseOptions): SupervisedChild {
  const backoff = options.backoff ?? DEFAULT_BACKOFF;
  const ready = Promise.withResolvers<Extract<ChildMessage, { type: "ready" }>>();
  ready.promise.catch(() => undefined);
  let state: RestartState = { at: "running", sinceMs: 0, failures: 0 };
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let gone = Promise.resolve();

  function start(): void {
    state = started(state, performance.now());
    const running = fork(options.script, [], {
      env: options.env(),
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Ctrl-C in a terminal reaches the whole group; the parent decides who is told.
      detached: true,
    });
    child = running;
    for (const stream of [running.stdout, running.stderr]) {
      if (stream !== null) {
        readLines(stream, options.onLine);
      }
    }
    running.on("message", (message) => {
      if (isChildMessage(message)) {
        if (message.type === "ready") {
          ready.resolve(message);
        } else if (message.type === "leaving") {
          // It has nothing left to do; some do not manage to end.
          const end = setTimeout(() => running.kill("SIGKILL"), LEAVES_WITHIN_MS);
          running.once("exit", () => clearTimeout(end));
        }
        options.onMessage?.(message);
      }
    });
    gone = new Promise((resolve) => {
      running.on("error", (error) => {
        options.onLine(`${options.name}: ${error.message}`);
        // A process that was never made has no exit; other errors (a signal to one just gone) end nothing.
        if (running.pid === undefined) {
          resolve();
          onExit(null, null);
        }
      });
      running.once("exit", (code, signal) => {
        resolve();
        onExit(code, signal);
      });
    });
  }

  function onExit(code: number | null, signal: NodeJS.Signals | null): void {
    ready.reject(new ChildExitedError(options.name, code, signal));
    options.onExit?.(code, signal);
    state = exited(state, performance.now(), backoff);
    restartLater();
  }

  function restartLater(): void {
    if (state.at === "waiting") {
      timer = setTimeout(() => void restart(), state.delayMs);
    }
  }

  async function restart(): Promise<void> {
    try {
      await options.beforeRestart?.();
    } catch (error) {
      options.onLine(`${options.name} is not started again yet: ${String(error)}`);
      if (state.at !== "stopped") {
        const nowMs = performance.now();
        state = exited(started(state, nowMs), nowMs, backoff);
        restartLater();
      }
      return;
    }
    if (state.at !== "stopped") {
      start();
    }
  }

  start();
  return {
    name: options.name,
    get pid() {
      return child?.pid;
    },
    ready: ready.promise,
    signal(name) {
      child?.kill(name);
    },
    async stop(graceMs) {
      state = stopped();
      clearTimeout(timer);
      child?.kill("SIGTERM");
      const hard = setTimeout(() => child?.kill("SIGKILL"), graceMs);
      await gone;
      clearTimeout(hard);
    },
  };
}
