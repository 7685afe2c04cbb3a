import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

const START_MS = 10_000;

/** A real Redis of the benchmark's own, on loopback, durable as the product asks for. */
export interface PrivateRedis {
  readonly url: string;
  readonly version: string;
  /** A connection to look at the server; not one of those that are measured. */
  readonly observer: Redis;
  stop(): Promise<void>;
}

/** Starts it empty. `fsync` is when its append-only file reaches the disk. */
export async function startPrivateRedis(
  fsync: "everysec" | "always" = "everysec",
): Promise<PrivateRedis> {
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
  const child = spawn("redis-server", args, { stdio: "ignore" });
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
    child.once("error", () => reject(new Error("a benchmark needs a redis-server on the PATH")));
    observer.once("end", () => reject(new Error("redis-server did not start")));
  });
  try {
    const info = await Promise.race([observer.info("server"), failed]);
    failed.catch(() => undefined);
    const version = /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown";
    const url = `redis://127.0.0.1:${port}`;
    return { url, version, observer, stop: () => stop(observer) };
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
