import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, type RunningPilotlight } from "@pilotlight/testkit";
import { waitUntil } from "../harness/wait-until.ts";

const WARDEN = new URL("../../apps/worker/src/warden-main.ts", import.meta.url).pathname;
const READY_MS = 60_000;
const OUTPUT_BYTES = 16_384;
const STOP_MS = 20_000;

/** A warden with its worker, as another machine would run it: nobody starts it again, nobody reaps after it. */
export interface Host {
  /** Pid of its worker. */
  readonly workerPid: number;
  /** Every process of it stops where it is; its connections stay open, as those of a machine that lost power do. */
  freeze(): void;
  /** Every process of it is killed, in such an order that none can tell anybody. */
  kill(): void;
  /** Drains and ends, or is ended. */
  stop(): Promise<void>;
}

/**
 * Starts one beside a system that was started without workers, and waits until it has registered. It has the system's
 * configuration and data, and `env` on top.
 */
export async function startHost(
  system: RunningPilotlight,
  env: Readonly<Record<string, string>>,
): Promise<Host> {
  const child = spawn(process.execPath, [WARDEN], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: join(system.dir, "home"),
      PILOTLIGHT_CONFIG: join(system.dir, "pilotlight.toml"),
      PILOTLIGHT_DATA_DIR: system.dataDir,
      PILOTLIGHT_LOG_LEVEL: "info",
      ...env,
    },
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const pid = child.pid ?? 0;
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-OUTPUT_BYTES);
  });
  let workerPid = 0;
  await waitUntil(
    "a host has a worker",
    async () => {
      const response = await system.fetch("/v1/workers");
      const { items } = (await response.json()) as { items: { pid: number }[] };
      const [own] = childrenOf(pid);
      workerPid = items.find((worker) => worker.pid === own)?.pid ?? 0;
      return workerPid !== 0;
    },
    READY_MS,
  ).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw new Error(`${String(error)}\n${output}`);
  });

  function freeze(): void {
    // From the top down: none sees those below it end.
    const below = [...descendantsOf(workerPid)];
    for (const one of [pid, workerPid, ...below]) {
      signal(one, "SIGSTOP");
    }
  }

  function kill(): void {
    freeze();
    // The warden goes last: until then it is stopped, and after it nobody is left to see anything.
    for (const one of [...descendantsOf(pid), pid]) {
      signal(one, "SIGKILL");
    }
  }

  return {
    workerPid,
    freeze,
    kill,
    async stop() {
      if (!isAlive(pid)) {
        return;
      }
      child.kill("SIGTERM");
      const hard = setTimeout(kill, STOP_MS);
      await gone;
      clearTimeout(hard);
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended with the one above it.
  }
}

function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // gone meanwhile
  }
}
