import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { connectRedis } from "../connect-redis.ts";
import { whenReady } from "../when-ready.ts";
import type { EmbeddedRedis } from "./embedded-redis.ts";
import type { ServerBinary } from "./find-server.ts";

export interface StartServerOptions {
  readonly binary: ServerBinary;
  /** Gets `redis/` (data, 0700) and `run/` (socket or password, 0700). */
  readonly dataDir: string;
  readonly fsync: "everysec" | "always";
  /** The server ended although nobody asked for it; it is started again with its data. */
  onRestart?(): void;
}

/** Socket paths longer than this do not fit into `sockaddr_un` (108 bytes with its end). */
const MOST_SOCKET_PATH_BYTES = 100;
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5000;
const RESTART_DELAY_MS = 100;

/** Runs a real server with AOF in the data directory, reachable by this user only. */
export async function startServer(options: StartServerOptions): Promise<EmbeddedRedis> {
  const { binary, dataDir } = options;
  const data = join(dataDir, "redis");
  const run = join(dataDir, "run");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const address = await chooseAddress(run);
  const configFile = join(run, "redis.conf");
  writeFileSync(configFile, configOf(data, options.fsync, address.lines), { mode: 0o600 });

  let stopping = false;
  let child = launch(binary, configFile);
  child.on("exit", onExit);

  function onExit(): void {
    if (!stopping) {
      setTimeout(() => {
        if (!stopping) {
          child = launch(binary, configFile);
          child.on("exit", onExit);
          options.onRestart?.();
        }
      }, RESTART_DELAY_MS);
    }
  }

  const probe = connectRedis({ url: address.url, name: "embedded-probe" });
  try {
    await whenReady(probe, START_TIMEOUT_MS);
  } catch (error) {
    stopping = true;
    child.kill("SIGKILL");
    throw error;
  } finally {
    probe.disconnect();
  }

  return {
    url: address.url,
    engine: binary.engine,
    durable: true,
    get pid() {
      return child.pid ?? 0;
    },
    async stop() {
      if (stopping) {
        return;
      }
      stopping = true;
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, "exit");
        child.kill("SIGTERM");
        const hard = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
        await gone;
        clearTimeout(hard);
      }
    },
  };
}

/**
 * The server outlives a parent that was killed, so that our other processes can finish their drain; `lockDataDir`
 * makes the next start end it first.
 */
function launch(binary: ServerBinary, configFile: string) {
  return spawn(binary.path, [configFile], {
    env: { ...process.env, ...binary.env },
    stdio: "ignore",
    detached: true,
  });
}

async function chooseAddress(run: string): Promise<{ url: string; lines: string[] }> {
  const socket = join(run, "redis.sock");
  if (Buffer.byteLength(socket) <= MOST_SOCKET_PATH_BYTES && process.platform !== "win32") {
    return {
      url: `unix://${encodeURI(socket)}`,
      lines: ["port 0", `unixsocket "${socket}"`, "unixsocketperm 700"],
    };
  }
  const port = await freePort();
  const password = randomBytes(24).toString("hex");
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    lines: ["bind 127.0.0.1", `port ${port}`, `requirepass ${password}`],
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") {
    throw new Error("no free port was found");
  }
  return address.port;
}

function configOf(data: string, fsync: string, address: readonly string[]): string {
  return [
    ...address,
    "daemonize no",
    `dir "${data}"`,
    'save ""',
    "appendonly yes",
    `appendfsync ${fsync}`,
    "maxmemory-policy noeviction",
    `pidfile "${join(data, "redis.pid")}"`,
    `logfile "${join(data, "redis.log")}"`,
    "",
  ].join("\n");
}

/** Where a server that a killed parent left behind wrote its pid. */
export function leftBehindPidFile(dataDir: string): string | undefined {
  const path = join(dataDir, "redis", "redis.pid");
  return existsSync(path) ? path : undefined;
}
