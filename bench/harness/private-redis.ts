import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFetchedServer, findServer } from "@pilotlight/redis";
import { Redis } from "ioredis";

const START_MS = 10_000;
/** Where the tests put a server that they had to fetch. */
const FETCH_DIR = new URL("../../.cache/redis", import.meta.url).pathname;

/** A real Redis of the benchmark's own, on loopback, durable as the product asks for. */
export interface PrivateRedis {
  readonly url: string;
  /** Name and version. */
  readonly engine: string;
  /** A connection to look at the server; not one of those that are measured. */
  readonly observer: Redis;
  stop(): Promise<void>;
}

/** Starts it empty. `fsync` is when its append-only file reaches the disk. */
export async function startPrivateRedis(
  fsync: "everysec" | "always" = "everysec",
): Promise<PrivateRedis> {
  const server = (await findServer(process.env.PATH ?? "")) ?? (await findFetchedServer(FETCH_DIR));
  if (server === undefined) {
    throw new Error("a benchmark needs a real redis-server on the PATH");
  }
  const dir = mkdtempSync(join(tmpdir(), "bench-redis-"));
  const port = await freePort();
  const settings = {
    bind: "127.0.0.1",
    port: String(port),
    dir,
    save: "",
    appendonly: "yes",
    appendfsync: fsync,
    "maxmemory-policy": "noeviction",
    // A rewrite in the middle of a run would be measured with it.
    "auto-aof-rewrite-percentage": "0",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(server.path, args, {
    stdio: "ignore",
    env: { ...process.env, ...server.env },
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (observer: Redis) => {
    observer.disconnect();
    child.kill("SIGKILL");
    await exited;
    rmSync(dir, { recursive: true, force: true });
  };
  const observer = new Redis(port, "127.0.0.1", {
    connectionName: "observer",
    retryStrategy: (times) => (times * 50 > START_MS ? null : 50),
    maxRetriesPerRequest: null,
  });
  observer.on("error", () => undefined); // refused until it listens
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
    observer.once("end", () => reject(new Error(`${server.engine} did not start`)));
  });
  try {
    await Promise.race([observer.ping(), failed]);
    failed.catch(() => undefined);
    const url = `redis://127.0.0.1:${port}`;
    return { url, engine: server.engine, observer, stop: () => stop(observer) };
  } catch (error) {
    observer.disconnect();
    child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
