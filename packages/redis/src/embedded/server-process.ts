import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { ServerBinary } from "./find-server.ts";
import { identityOf, isAlive, parseIdentity } from "./process-identity.ts";

const run = promisify(execFile);
const STOP_TIMEOUT_MS = 5000;

/** Where `setpriv` can, the server gets SIGTERM from the kernel when the process that started it dies. */
export async function dyingWithParent(): Promise<readonly string[]> {
  try {
    await run("setpriv", ["--pdeathsig", "TERM", "true"]);
    return ["setpriv", "--pdeathsig", "TERM"];
  } catch {
    return [];
  }
}

/** Starts a server and writes down who it is, for `endLeftBehind`. */
export function launchServer(
  binary: ServerBinary,
  configFile: string,
  pidFile: string,
  wrapper: readonly string[],
): ChildProcess {
  const [command = binary.path, ...args] = [...wrapper, binary.path, configFile];
  const child = spawn(command, args, {
    env: { ...process.env, ...binary.env },
    stdio: "ignore",
    detached: true,
  });
  // A command that cannot be run has neither pid nor exit; it then just never answers.
  child.on("error", () => undefined);
  if (child.pid !== undefined) {
    writeFileSync(pidFile, JSON.stringify(identityOf(child.pid)), { mode: 0o600 });
  }
  return child;
}

/** SIGTERM (it writes its files), then SIGKILL; resolves when it is gone. */
export async function endServer(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(hard);
}

/** Ends a server that nobody keeps any more: two on the same files would destroy them. */
export async function endLeftBehind(pidFile: string): Promise<void> {
  const server = parseIdentity(readText(pidFile));
  for (let waitedMs = 0; server !== undefined && isAlive(server); waitedMs += 20) {
    if (waitedMs === 0) {
      process.kill(server.pid, "SIGTERM");
    } else if (waitedMs > STOP_TIMEOUT_MS) {
      process.kill(server.pid, "SIGKILL");
    }
    await sleep(20);
  }
  rmSync(pidFile, { force: true });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
