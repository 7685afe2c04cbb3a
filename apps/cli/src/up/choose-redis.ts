import { ConfigError, type PilotlightConfig } from "@pilotlight/contracts";
import { checkServer, connectRedis, startEmbeddedRedis, whenReady } from "@pilotlight/redis";

export interface ChosenRedis {
  readonly url: string;
  /** For people: where it came from. */
  readonly description: string;
  readonly warnings: readonly string[];
  stop(): Promise<void>;
}

const REACH_WITHIN_MS = 5000;

/**
 * The Redis of the configuration, or an embedded one.
 *
 * @throws RedisUnreachableError, or ConfigError where the server must not be used.
 */
export async function chooseRedis(config: PilotlightConfig): Promise<ChosenRedis> {
  const { url } = config.redis;
  if (url !== undefined) {
    const warnings = await inspect(url);
    return {
      url,
      description: `the one at ${withoutSecrets(url)}`,
      warnings,
      stop: async () => {},
    };
  }
  const embedded = await startEmbeddedRedis({
    dataDir: config.dataDir,
    fsync: config.redis.fsync,
  });
  const warnings = embedded.durable
    ? await inspect(embedded.url)
    : ["redis: DEMO ONLY, NOT DURABLE: everything is lost at the end (no redis-server was found)"];
  return {
    url: embedded.url,
    description: `${embedded.engine}, embedded, data in ${config.dataDir}`,
    warnings,
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

function withoutSecrets(url: string): string {
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}
