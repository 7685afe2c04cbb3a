import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const MAIN = new URL("../../../../apps/cli/src/main.ts", import.meta.url).pathname;
const OUTPUT_BYTES = 64 * 1024;

export interface StartPilotlightOptions {
  /** The content of `pilotlight.toml`. Port, data directory and log level are set by us. */
  readonly config?: string;
  /** Further arguments of `pilotlight up`. */
  readonly args?: readonly string[];
  /** Environment of the system besides `PATH`, `HOME` (a private one) and `LANG`. */
  readonly env?: Readonly<Record<string, string>>;
  /** The data directory of an earlier system, which stays. Default: a private one. */
  readonly dataDir?: string;
  readonly startMs?: number;
  /** Sessions that are kept ready; default 0, because they belong to nobody who asks for sessions. */
  readonly standby?: number;
}

/** A whole system, running: `pilotlight up` with everything it starts. */
export interface RunningPilotlight {
  readonly url: string;
  readonly apiKey: string;
  /** A private directory that goes when the system is stopped; its data and home are in it. */
  readonly dir: string;
  readonly dataDir: string;
  readonly pid: number;
  /** The end of what it printed, both streams. */
  output(): string;
  /** `fetch` with the key. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** SIGTERM, and SIGKILL where it does not end in time. Removes its directory. */
  stop(): Promise<void>;
}

/**
 * Starts it on a free port and waits until it is ready.
 *
 * @throws Error with its output where it ends or is not ready in time.
 */
export async function startPilotlight(
  options: StartPilotlightOptions = {},
): Promise<RunningPilotlight> {
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-system-"));
  const dataDir = options.dataDir ?? join(dir, "data");
  const home = join(dir, "home");
  const config = join(dir, "pilotlight.toml");
  mkdirSync(home);
  writeFileSync(config, options.config ?? "");
  const child = spawn(
    process.execPath,
    [MAIN, "up", "--config", config, "--port", "0", "--data-dir", dataDir, ...(options.args ?? [])],
    {
      cwd: dir,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        LANG: process.env.LANG,
        HOME: home,
        PILOTLIGHT_LOG_LEVEL: process.env.PILOTLIGHT_LOG_LEVEL ?? "warn",
        PILOTLIGHT_ACP_STANDBY: String(options.standby ?? 0),
        ...options.env,
      },
    },
  );
  const output = collectOutput(child);
  const stop = async () => {
    await endChild(child);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const { url, apiKey } = await waitUntilReady(child, dataDir, output, options.startMs ?? 30_000);
    return {
      url,
      apiKey,
      dir,
      dataDir,
      pid: child.pid ?? 0,
      output,
      fetch: (path, init = {}) => {
        const headers = new Headers(init.headers);
        headers.set("authorization", `Bearer ${apiKey}`);
        return fetch(new URL(path, url), { ...init, headers });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function waitUntilReady(
  child: ChildProcess,
  dataDir: string,
  output: () => string,
  startMs: number,
): Promise<{ url: string; apiKey: string }> {
  const deadline = performance.now() + startMs;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`pilotlight up ended with ${child.exitCode}:\n${output()}`);
    }
    const url = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(output())?.[0];
    if (url !== undefined) {
      const apiKey = readFileSync(join(dataDir, "api-key"), "utf8").trim();
      if (await isReady(url, apiKey)) {
        return { url, apiKey };
      }
    }
    await sleep(50);
  }
  throw new Error(`pilotlight up was not ready in ${startMs} ms:\n${output()}`);
}

async function isReady(url: string, apiKey: string): Promise<boolean> {
  try {
    const answer = await fetch(new URL("/readyz", url), {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(2000),
    });
    return answer.ok;
  } catch {
    return false; // not listening yet
  }
}

function collectOutput(child: ChildProcess): () => string {
  let text = "";
  const collect = (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(-OUTPUT_BYTES);
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  return () => text;
}

async function endChild(child: ChildProcess, drainMs = 15_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), drainMs);
  await ended;
  clearTimeout(timer);
}
