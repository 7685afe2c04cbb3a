import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newApiKey } from "@pilotlight/contracts";
import { freePort, type RedisServer, startRedisServer } from "@pilotlight/testkit";

const WARDEN = new URL("../../../apps/worker/src/warden-main.ts", import.meta.url).pathname;
const INGRESS = new URL("../../../apps/ingress/src/main.ts", import.meta.url).pathname;
const RESTART_AFTER_MS = 300;
const STOP_MS = 20_000;

/** A process that somebody starts again whenever it ends, as an init system does. */
export interface KeptProcess {
  /** Undefined while it is between two lives. */
  readonly pid: number | undefined;
}

export interface ChaosSystem {
  readonly redis: RedisServer;
  /** Wardens, one for each host. */
  readonly hosts: readonly KeptProcess[];
  readonly ingresses: readonly KeptProcess[];
  readonly urls: readonly string[];
  readonly apiKey: string;
  /** Everything of this campaign is below it. */
  readonly dir: string;
  readonly ledgerDir: string;
  stop(): Promise<void>;
}

export interface ChaosSystemOptions {
  readonly hosts: number;
  readonly ingresses: number;
  readonly leaseTtlMs: number;
  /** Where the processes' output goes. */
  readonly logFile: string;
}

export async function startSystem(options: ChaosSystemOptions): Promise<ChaosSystem> {
  const redis = await startRedisServer();
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-chaos-"));
  const ledgerDir = join(dir, "ledger");
  mkdirSync(ledgerDir);
  const config = join(dir, "pilotlight.toml");
  writeFileSync(
    config,
    `[agents.demo]
asks_before_changes = false
set = { DEMO_CHUNK_MS = "2", DEMO_LEDGER_DIR = "${ledgerDir}" }
`,
  );
  const apiKey = newApiKey();
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: dir,
    REDIS_URL: redis.url,
    PILOTLIGHT_API_KEY: apiKey,
    PILOTLIGHT_CONFIG: config,
    PILOTLIGHT_DATA_DIR: join(dir, "data"),
    PILOTLIGHT_LOG_LEVEL: "info",
    PILOTLIGHT_WORKERS_LEASE_TTL_SECS: String(options.leaseTtlMs / 1000),
    PILOTLIGHT_WORKERS_DRAIN_SECS: "10",
  };
  const kept: ReturnType<typeof keep>[] = [];
  const start = (script: string, more: Record<string, string> = {}) => {
    const one = keep(script, { ...env, ...more }, options.logFile);
    kept.push(one);
    return one;
  };
  const ports: number[] = [];
  for (let i = 0; i < options.ingresses; i += 1) {
    ports.push(await freePort());
  }
  return {
    redis,
    ingresses: ports.map((port) => start(INGRESS, { PILOTLIGHT_HTTP_PORT: String(port) })),
    hosts: Array.from({ length: options.hosts }, () => start(WARDEN)),
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    apiKey,
    dir,
    ledgerDir,
    async stop() {
      await Promise.all(kept.map((one) => one.stop()));
      await redis.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function keep(script: string, env: Record<string, string>, logFile: string) {
  let child: ChildProcess | undefined;
  let stopped = false;

  function start(): void {
    const running = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "pipe"] });
    child = running;
    running.stdout?.resume();
    running.stderr?.on("data", (chunk: Buffer) => appendFileSync(logFile, chunk));
    running.once("exit", () => {
      child = undefined;
      if (!stopped) {
        setTimeout(() => !stopped && start(), RESTART_AFTER_MS);
      }
    });
  }

  start();
  return {
    get pid() {
      return child?.pid;
    },
    async stop() {
      stopped = true;
      const running = child;
      if (running === undefined) {
        return;
      }
      const gone = once(running, "exit");
      running.kill("SIGCONT");
      running.kill("SIGTERM");
      const hard = setTimeout(() => running.kill("SIGKILL"), STOP_MS);
      await gone;
      clearTimeout(hard);
    },
  };
}
