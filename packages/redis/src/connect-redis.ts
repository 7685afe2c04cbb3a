import type { Logger } from "@pilotlight/lifecycle";
import { Redis, type RedisOptions } from "ioredis";

export type { Redis } from "ioredis";

export interface ConnectRedisOptions {
  /** `redis://`, `rediss://`, or `unix:///path/to.sock?password=...`. */
  readonly url: string;
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  readonly log?: Logger;
}

/** Below the trust margin of any sensible lease: a short outage of Redis must cost no turn. */
const MOST_RECONNECT_DELAY_MS = 180;
const CONNECT_TIMEOUT_MS = 3000;

/**
 * A client that connects by itself and again after every loss. Commands are never queued while it is away and never
 * sent twice: a command that was under way fails, and its caller decides whether repeating it is safe.
 */
export function connectRedis(options: ConnectRedisOptions): Redis {
  const { url, name, log } = options;
  const settings: RedisOptions = {
    ...addressOf(url),
    connectionName: name.replace(/\s/g, "-"),
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: 10_000,
    retryStrategy: (times) => Math.min(20 * times, MOST_RECONNECT_DELAY_MS),
  };
  const redis = new Redis(settings as RedisOptions & { replyMapping?: never });
  redis.on("error", (error) => log?.debug({ err: error, connection: name }, "Redis connection"));
  return redis;
}

function addressOf(url: string): RedisOptions {
  const parsed = new URL(url);
  if (parsed.protocol === "unix:") {
    const password = parsed.searchParams.get("password");
    return {
      path: decodeURIComponent(parsed.pathname),
      ...(password === null ? {} : { password }),
    };
  }
  const db = parsed.pathname.length > 1 ? Number(parsed.pathname.slice(1)) : 0;
  return {
    host: parsed.hostname,
    port: parsed.port === "" ? 6379 : Number(parsed.port),
    db,
    ...(parsed.username === "" ? {} : { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password === "" ? {} : { password: decodeURIComponent(parsed.password) }),
    ...(parsed.protocol === "rediss:" ? { tls: {} } : {}),
  };
}
