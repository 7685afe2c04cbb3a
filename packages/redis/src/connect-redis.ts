import type { Logger } from "@pilotlight/lifecycle";
import { Redis, type RedisOptions } from "ioredis";
import { parseRedisUrl } from "./parse-redis-url.ts";

export type { Redis } from "ioredis";

export interface ConnectRedisOptions {
  /** See `parseRedisUrl`: one server, a unix socket, a cluster, or sentinels that know the server. */
  readonly url: string;
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  readonly log?: Logger;
  /** A connection that owes an answer for so long is given up for a new one; default 15 s. */
  readonly answerWithinMs?: number;
  /** How often to ask whether somebody is there: for a connection that only listens, and would never notice. */
  readonly probeEveryMs?: number;
}

/** Below the trust margin of any sensible lease: a short outage of Redis must cost no turn. */
const MOST_RECONNECT_DELAY_MS = 180;
const CONNECT_TIMEOUT_MS = 3000;
const ANSWER_TIMEOUT_MS = 15_000;
/** From the polite end of a connection to its hard one: nobody may be there to answer. */
const DISCONNECT_TIMEOUT_MS = 100;
/** Answers of a server that is not, or no longer, the one to talk to. Within a script older servers put more ahead. */
const ELSEWHERE = /(^|-)(READONLY|MOVED|CLUSTERDOWN|MASTERDOWN)\b/;
/** BullMQ counts on from here, so "without limit" (0) would become very few. */
const MOST_WAITING = 100_000;

/**
 * A client that connects by itself and again after every loss. Commands are never queued while it is away and never
 * sent twice: a command that was under way fails, and its caller decides whether repeating it is safe.
 *
 * @throws ConfigError for a URL that is none.
 */
export function connectRedis(options: ConnectRedisOptions): Redis {
  const { url, name, log, answerWithinMs = ANSWER_TIMEOUT_MS } = options;
  const settings: RedisOptions = {
    ...parseRedisUrl(url),
    connectionName: name.replace(/\s/g, "-"),
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: null,
    connectTimeout: Math.min(CONNECT_TIMEOUT_MS, answerWithinMs),
    socketTimeout: answerWithinMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    keepAlive: 10_000,
    reconnectOnError: (error) => ELSEWHERE.test(error.message),
    retryStrategy: (times) => Math.min(20 * times, MOST_RECONNECT_DELAY_MS),
  };
  const redis = new Redis(settings as RedisOptions & { replyMapping?: never });
  // Whoever waits for the connection listens to it: as many as there are calls under way.
  redis.setMaxListeners(MOST_WAITING);
  redis.on("close", () => failUnderWay(redis));
  if (options.probeEveryMs !== undefined) {
    probe(redis, options.probeEveryMs);
  }
  redis.on("error", (error) => log?.debug({ err: error, connection: name }, "Redis connection"));
  return redis;
}

/** An unanswered probe is an owed answer. */
function probe(redis: Redis, everyMs: number): void {
  const timer = setInterval(() => {
    if (redis.status === "ready") {
      redis.ping().catch(() => undefined);
    }
  }, everyMs);
  timer.unref();
  redis.once("end", () => clearInterval(timer));
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
