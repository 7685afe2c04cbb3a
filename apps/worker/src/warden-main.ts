import { openWorkerRegistry } from "@pilotlight/channels";
import { ConfigError, loadConfig } from "@pilotlight/contracts";
import { createLogger, orExit, runUntilSignalled } from "@pilotlight/lifecycle";
import { createWarden } from "./warden.ts";

const config = orExit(() => {
  const loaded = loadConfig({ env: process.env });
  if (loaded.redis.url === undefined) {
    throw new ConfigError(["redis.url: a worker needs the address of a Redis (REDIS_URL)"]);
  }
  return { ...loaded, redisUrl: loaded.redis.url };
});
const log = createLogger("warden", config.logLevel);
const registry = openWorkerRegistry({
  url: config.redisUrl,
  name: `warden-${process.pid}`,
  log,
});
await runUntilSignalled(createWarden({ log, drainMs: config.workers.drainMs, registry }), {
  drainTimeoutMs: config.workers.drainMs + 10_000,
  log,
});
