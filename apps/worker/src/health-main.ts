import { openWorkerRegistry, type RegisteredWorker } from "@pilotlight/channels";
import { ConfigError, loadConfig } from "@pilotlight/contracts";
import { createLogger, orExit } from "@pilotlight/lifecycle";
import { ownPlace, startTicksOf } from "./process-place.ts";

/*
 * What a container's health check asks, because a worker listens nowhere: exits with 0 where a worker beside this process
 * lives and Redis holds its leases, else with 1 and the reason. It sees what it has in common with the worker, the pid
 * namespace and the Redis, so a worker that is cut off is not healthy either.
 */
const redisUrl = orExit(() => {
  const { url } = loadConfig({ env: process.env }).redis;
  if (url === undefined) {
    throw new ConfigError(["redis.url: the address of the workers' Redis is needed (REDIS_URL)"]);
  }
  return url;
});
const registry = openWorkerRegistry({
  url: redisUrl,
  name: `health-${process.pid}`,
  log: createLogger("health", "silent"),
});
try {
  const living = (await registry.list()).filter(livesHere);
  const leased = await Promise.all(living.map(({ id }) => registry.isLeased(id)));
  const healthy = living.filter((_worker, index) => leased[index]);
  if (healthy.length > 0) {
    process.stdout.write(`${healthy.map(({ id }) => id).join(", ")}\n`);
  } else {
    fail(living.length === 0 ? "no worker of this machine is registered" : "its leases are over");
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
} finally {
  registry.close();
}

function livesHere({ description: { place, pid, startTicks } }: RegisteredWorker): boolean {
  return place === ownPlace() && startTicks !== undefined && startTicksOf(pid) === startTicks;
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
}
