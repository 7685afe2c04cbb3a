import { join } from "node:path";
import { ConfigError, type PilotlightConfig } from "@pilotlight/contracts";
import {
  checkServer,
  connectRedis,
  describeRedisUrl,
  startEmbeddedRedis,
  whenReady,
} from "@pilotlight/redis";

export interface ChosenRedis {
  readonly url: string;
  /** For people: where it came from. */
  readonly description: string;
  readonly warnings: readonly string[];
  /** What each process would warn of again. */
  readonly known: readonly string[];
  stop(): Promise<void>;
}

const REACH_WITHIN_MS = 5000;
/** What the other processes need, beyond their drain, to end when `up` was killed. */
const OUTLIVE_MARGIN_MS = 30_000;
const DEMO_BANNER = `
  ********************************************************************
  *  DEMO ONLY, NOT DURABLE: no redis-server was found or fetched.   *
  *  Prompts, answers and sessions are in memory and end with "up".  *
  *  Install redis-server or valkey-server, or set REDIS_URL.        *
  ********************************************************************`;

/**
 * The Redis of the configuration, or an embedded one.
 *
 * @throws RedisUnreachableError, or ConfigError where the server must not be used.
 */
export async function chooseRedis(
  config: PilotlightConfig,
  onNotice: (text: string) => void,
): Promise<ChosenRedis> {
  const { url } = config.redis;
  if (url !== undefined) {
    const warnings = await inspect(url);
    return {
      url,
      description: `the one at ${describeRedisUrl(url)}`,
      warnings,
      known: warnings,
      stop: async () => {},
    };
  }
  const embedded = await startEmbeddedRedis({
    dataDir: config.dataDir,
    fsync: config.redis.fsync,
    outliveMs: config.workers.drainMs + OUTLIVE_MARGIN_MS,
    onNotice,
  });
  const known = await inspect(embedded.url);
  return {
    url: embedded.url,
    description: embedded.durable
      ? `${embedded.engine} (${embedded.origin}), embedded, data in ${join(config.dataDir, "redis")}`
      : `${embedded.engine}, embedded: DEMO ONLY, NOT DURABLE`,
    warnings: embedded.durable ? known : [DEMO_BANNER],
    known,
    stop: () => embedded.stop(),
  };
}

async function inspect(url: string): Promise<readonly string[]> {
  const redis = connectRedis({ url, name: "up" });
  try {
    await whenReady(redis, REACH_WITHIN_MS);
    const { faults, warnings } = await checkServer(redis);
    if (faults.length > 0) {
      throw new ConfigError(faults);
    }
    return warnings;
  } finally {
    redis.disconnect();
  }
}
