import type { Logger } from "@pilotlight/lifecycle";
import { Redis, type RedisOptions } from "ioredis";
import { parseRedisUrl } from "./parse-redis-url.ts";

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
/** A connection that owes an answer for so long is given up. Longer than any blocking wait of BullMQ (10 s). */
const ANSWER_TIMEOUT_MS = 15_000;

/**
 * A client that connects by itself and again after every loss. Commands are never queued while it is away and never
 * sent twice: a command that was under way fails, and its caller decides whether repeating it is safe.
 *
 * @throws ConfigError for a URL that is none.
 */
export function connectRedis(options: ConnectRedisOptions): Redis {
  const { url, name, log } = options;
  const settings: RedisOptions = {
    ...parseRedisUrl(url),
    connectionName: name.replace(/\s/g, "-"),
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
    keepAlive: 10_000,
    retryStrategy: (times) => Math.min(20 * times, MOST_RECONNECT_DELAY_MS),
  };
  const redis = new Redis(settings as RedisOptions & { replyMapping?: never });
  redis.on("close", () => failUnderWay(redis));
  redis.on("error", (error) => log?.debug({ err: error, connection: name }, "Redis connection"));
  return redis;
}

/** ioredis forgets commands that it neither resends nor counts retries of: their promises would stay pending for ever. */
function failUnderWay(redis: Redis): void {
  for (
    let item = redis.commandQueue.shift();
    item !== undefined;
    item = redis.commandQueue.shift()
  ) {
    item.command.reject(new Error("Connection is closed."));
  }
}
