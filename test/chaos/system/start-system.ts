import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newApiKey } from "@pilotlight/contracts";
import { freePort, type RedisServer, startRedisServer } from "@pilotlight/testkit";
import { favour } from "./favour.ts";
import { findCommand } from "./find-command.ts";
import { type KeptProcess, keepProcess } from "./keep-process.ts";
import { type Link, startLinks } from "./links/start-links.ts";
import { createNetwork, type Network } from "./network.ts";
import { makeDir, removeLeftovers } from "./remove-leftovers.ts";
import { signal } from "./signal.ts";
import { type Host, startHost } from "./start-host.ts";

const INGRESS = new URL("../../../apps/ingress/src/main.ts", import.meta.url).pathname;

export interface ChaosIngress {
  readonly pid: number | undefined;
  readonly url: string;
  /** Its way to Redis. */
  readonly link: Link;
}

export interface ChaosSystem {
  readonly redis: RedisServer;
  readonly hosts: readonly Host[];
  readonly ingresses: readonly ChaosIngress[];
  readonly urls: readonly string[];
  readonly apiKey: string;
  /** What the hosts are, as a sentence. */
  readonly hostKind: string;
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
  removeLeftovers();
  const [dir, redisDir] = [makeDir(), makeDir("memory")];
  const stops: (() => void | Promise<void>)[] = [
    () => {
      for (const path of [dir, redisDir]) {
        rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      }
    },
  ];
  const stop = async () => {
    // What uses something is stopped before it.
    for (const one of stops.splice(0).reverse()) {
      await one();
    }
  };
  try {
    // By this a later run knows the server of one that was killed.
    process.env.PILOTLIGHT_CHAOS_DIR = dir;
    // With `everysec` a killed server loses up to two seconds where its disk is slow: it answers before it writes while an
    // fsync is under way. So it is `always`, in memory, where that costs nothing.
    const redis = await startRedisServer({ args: ["--dir", redisDir, "--appendfsync", "always"] });
    stops.push(() => redis.stop());
    favour(redis.pid);
    const links = startLinks();
    stops.push(() => links.stop());
    const apiKey = newApiKey();
    const env = environment(dir, apiKey, options.leaseTtlMs);
    const { logFile } = options;
    const networks = createNetworks(options.hosts);
    stops.push(() => {
      for (const network of networks.all) {
        network.remove();
      }
    });

    const ingresses: ChaosIngress[] = [];
    for (let i = 0; i < options.ingresses; i += 1) {
      ingresses.push(await startIngress(await links.open(redis.url), env, logFile, stops));
    }
    const hosts: Host[] = [];
    // All at once: each may have turns to finish.
    stops.push(() => Promise.all(hosts.map((host) => host.stop())).then(() => undefined));
    for (let i = 0; i < options.hosts; i += 1) {
      const name = `host${i}`;
      const network = networks.all[i];
      const link = await links.open(redis.url, network?.gateway);
      hosts.push(startHost({ name, network, link, env, dir, logFile }));
    }
    return {
      redis,
      hosts,
      ingresses,
      urls: ingresses.map(({ url }) => url),
      apiKey,
      hostKind: networks.kind,
      dir,
      ledgerDir: join(dir, "ledger"),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What every process of the system is given, its files written. */
function environment(dir: string, apiKey: string, leaseTtlMs: number): Record<string, string> {
  const [ledgerDir, lockDir] = [join(dir, "ledger"), join(dir, "locks")];
  mkdirSync(ledgerDir);
  mkdirSync(lockDir);
  const config = join(dir, "pilotlight.toml");
  writeFileSync(
    config,
    `[agents.demo]
asks_before_changes = false
set = { DEMO_CHUNK_MS = "2", DEMO_LEDGER_DIR = "${ledgerDir}", DEMO_LOCK_DIR = "${lockDir}" }
`,
  );
  return {
    PATH: process.env.PATH ?? "",
    HOME: dir,
    PILOTLIGHT_API_KEY: apiKey,
    PILOTLIGHT_CONFIG: config,
    PILOTLIGHT_DATA_DIR: join(dir, "data"),
    PILOTLIGHT_LOG_LEVEL: "info",
    PILOTLIGHT_WORKERS_LEASE_TTL_SECS: String(leaseTtlMs / 1000),
    PILOTLIGHT_WORKERS_DRAIN_SECS: "10",
  };
}

async function startIngress(
  link: Link,
  env: Readonly<Record<string, string>>,
  logFile: string,
  stops: (() => void | Promise<void>)[],
): Promise<ChaosIngress> {
  const port = String(await freePort());
  const kept: KeptProcess = keepProcess([process.execPath, INGRESS], {
    env: { ...env, REDIS_URL: link.url, PILOTLIGHT_HTTP_PORT: port },
    logFile,
  });
  stops.push(() => kept.stop((pid) => signal(pid, "SIGTERM")));
  return {
    link,
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return kept.pid;
    },
  };
}

/** One for each host, or none at all. */
function createNetworks(hosts: number): { kind: string; all: readonly Network[] } {
  const missing = ["ip", "unshare"].filter((name) => findCommand(name) === undefined);
  const all: Network[] = [];
  try {
    if (missing.length > 0) {
      throw new Error(`there is no ${missing.join(" and no ")}`);
    }
    for (let i = 0; i < hosts; i += 1) {
      all.push(createNetwork(i));
    }
    return { kind: "namespaces of network, pids and host name", all };
  } catch (error) {
    for (const network of all) {
      network.remove();
    }
    const reason = error instanceof Error ? error.message.trim() : String(error);
    return { kind: `groups of processes (no namespaces: ${reason})`, all: [] };
  }
}
