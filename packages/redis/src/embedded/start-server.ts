import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PilotlightError } from "@pilotlight/contracts";
import { superviseChild } from "@pilotlight/lifecycle";
import { connectRedis } from "../connect-redis.ts";
import { whenReady } from "../when-ready.ts";
import { chooseAddress } from "./choose-address.ts";
import type { EmbeddedRedis } from "./embedded-redis.ts";
import type { ServerBinary } from "./find-server.ts";
import { KEEPER_ORDER, type KeeperOrder } from "./keeper-order.ts";

export interface StartServerOptions {
  readonly binary: ServerBinary;
  readonly origin: "installed" | "fetched";
  /** Gets `redis/` (data, 0700) and `run/` (socket or password, 0700). */
  readonly dataDir: string;
  readonly fsync: "everysec" | "always";
  readonly outliveMs: number;
  onNotice(text: string): void;
}

const START_TIMEOUT_MS = 15_000;
/** A server that ended so often before it answered once will not answer. */
const HOPELESS_STARTS = 3;
/** Beyond what the keeper gives the server. */
const KEEPER_GRACE_MS = 8000;
const LOG_LINES_SHOWN = 3;

/**
 * Runs a real server with AOF in the data directory, reachable by this user only. It is started again with its data when
 * it ends, at the same address, and outlives us by `outliveMs` at most.
 *
 * @throws PilotlightError `REDIS_NOT_STARTED` with the end of the server's log.
 */
export async function startServer(options: StartServerOptions): Promise<EmbeddedRedis> {
  const { binary, dataDir, outliveMs } = options;
  const data = join(dataDir, "redis");
  const run = join(dataDir, "run");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const { url, lines } = await chooseAddress(run);
  const configFile = join(run, "redis.conf");
  const logFile = join(data, "redis.log");
  writeFileSync(configFile, configOf(data, logFile, options.fsync, lines), { mode: 0o600 });
  const order: KeeperOrder = {
    binary,
    configFile,
    pidFile: join(run, "redis.pid"),
    url,
    outliveMs,
  };
  let pid = 0;
  let starts = 0;
  const hopeless = Promise.withResolvers<never>();
  hopeless.promise.catch(() => undefined);
  const keeper = superviseChild({
    name: "redis-keeper",
    script: new URL("./keeper-main.ts", import.meta.url).pathname,
    env: () => ({ ...process.env, [KEEPER_ORDER]: JSON.stringify(order) }),
    onLine: options.onNotice,
    onMessage: (message) => {
      if (message.type === "server-started") {
        pid = message.pid;
        starts += 1;
        if (starts > 1) {
          options.onNotice("the embedded Redis ended; it is started again with its data");
        }
        if (starts > HOPELESS_STARTS) {
          hopeless.reject(new Error("it ends as soon as it is started"));
        }
      }
    },
  });

  const probe = connectRedis({ url, name: "embedded-probe" });
  try {
    await keeper.ready;
    await Promise.race([whenReady(probe, START_TIMEOUT_MS), hopeless.promise]);
  } catch (error) {
    await keeper.stop(KEEPER_GRACE_MS);
    throw new PilotlightError(
      "REDIS_NOT_STARTED",
      `the embedded Redis (${binary.path}) did not start: ${lastLinesOf(logFile) || String(error)}`,
      { cause: error },
    );
  } finally {
    probe.disconnect();
  }

  let stopped: Promise<void> | undefined;
  return {
    url,
    engine: binary.engine,
    origin: options.origin,
    durable: true,
    get pid() {
      return pid;
    },
    stop() {
      stopped ??= keeper.stop(KEEPER_GRACE_MS);
      return stopped;
    },
  };
}

function configOf(
  data: string,
  logFile: string,
  fsync: string,
  address: readonly string[],
): string {
  return [
    ...address,
    "daemonize no",
    `dir "${data}"`,
    'save ""',
    "appendonly yes",
    `appendfsync ${fsync}`,
    "maxmemory-policy noeviction",
    `logfile "${logFile}"`,
    "",
  ].join("\n");
}

function lastLinesOf(logFile: string): string {
  try {
    return readFileSync(logFile, "utf8").trim().split("\n").slice(-LOG_LINES_SHOWN).join(" / ");
  } catch {
    return "";
  }
}
