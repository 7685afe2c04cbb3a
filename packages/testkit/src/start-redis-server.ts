import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRedis, whenReady } from "@pilotlight/redis";
import { freePort } from "./free-port.ts";
import { realServer } from "./real-server.ts";

export interface RedisServerOptions {
  /** Further arguments of `redis-server`. It keeps an AOF and makes no snapshots. */
  readonly args?: readonly string[];
}

/** A bare `redis-server` on a loopback port, which a test may kill, start again, and make a replica or a cluster node. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Its data directory. */
  readonly dir: string;
  readonly pid: number;
  signal(name: NodeJS.Signals): void;
  /** Ends it; its data stays. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on its data. */
  startAgain(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** AOF, no snapshots, and replicas that need not wait for company. */
const DEFAULT_ARGS = ["--appendonly", "yes", "--save", "", "--repl-diskless-sync-delay", "0"];
const START_TIMEOUT_MS = 15_000;

/** @throws Error where the machine has no real server: ask `inject("redisDurable")` first. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { path, env } = await realServer();
  const root = mkdtempSync(join(tmpdir(), "pilotlight-server-"));
  const dir = join(root, "data");
  mkdirSync(dir);
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(
      path,
      [
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        dir,
        ...DEFAULT_ARGS,
        ...(options.args ?? []),
      ],
      { env: { ...process.env, ...env }, stdio: "ignore" },
    );
    // Whatever becomes of the test run, the server does not outlive it.
    const started = child;
    const killNow = () => started.kill("SIGKILL");
    process.once("exit", killNow);
    started.once("exit", () => process.off("exit", killNow));
    const probe = connectRedis({ url, name: "probe" });
    try {
      await whenReady(probe, START_TIMEOUT_MS);
    } finally {
      probe.disconnect();
    }
  }

  async function end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending !== undefined && ending.exitCode === null && ending.signalCode === null) {
      const gone = once(ending, "exit");
      ending.kill("SIGCONT");
      ending.kill(signal);
      await gone;
    }
  }

  await start();
  return {
    url,
    port,
    dir,
    get pid() {
      return child?.pid ?? 0;
    },
    signal: (name) => void child?.kill(name),
    end,
    startAgain: start,
    async stop() {
      await end("SIGKILL");
      rmSync(root, { recursive: true, force: true });
    },
  };
}
