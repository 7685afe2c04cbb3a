import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRedis, whenReady } from "@pilotlight/redis";
import { freePort } from "./free-port.ts";
import { realServer } from "./real-server.ts";
import type { RedisServer } from "./start-redis-server.ts";

const DOWN_AFTER_MS = 1000;

/** One sentinel that watches the primary, which it knows as `main`, and makes a replica the primary when it is gone. */
export async function startSentinel(
  primary: RedisServer,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { path, env } = await realServer();
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-sentinel-"));
  const port = await freePort();
  const config = join(dir, "sentinel.conf");
  writeFileSync(
    config,
    [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${dir}`,
      `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds main ${DOWN_AFTER_MS}`,
      "sentinel failover-timeout main 5000",
      "",
    ].join("\n"),
  );
  const child = spawn(path, [config, "--sentinel"], {
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
  const killNow = () => child.kill("SIGKILL");
  process.once("exit", killNow);
  const stop = async () => {
    process.off("exit", killNow);
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `redis+sentinel://127.0.0.1:${port}/main`;
  const probe = connectRedis({ url, name: "probe" });
  try {
    await whenReady(probe, 10_000);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    probe.disconnect();
  }
  return { url, stop };
}
