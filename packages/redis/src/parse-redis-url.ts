import { ConfigError } from "@pilotlight/contracts";
import type { RedisOptions } from "ioredis";
import { clusterConnector } from "./cluster/cluster-connector.ts";
import { parseNodeList } from "./parse-node-list.ts";

const FORMS =
  "redis.url: is not of the form redis://, rediss:// (user:password@host:port/db), unix:///path, " +
  "redis+cluster:// (user:password@host:port,host:port) or redis+sentinel:// (user:password@host:port,host:port/name)";

/** `scheme[+kind]://[user:password@]hosts[/path][?query]`; a list of hosts is no URL of the standard. */
const SEVERAL_HOSTS =
  /^(rediss?)\+(cluster|sentinel):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?@]+)(?:\/([^?]*))?(?:\?(.*))?$/;

const SENTINEL_PORT = 26_379;
const REDIS_PORT = 6379;
/** Between two rounds of asking all sentinels; as short as between two connection attempts. */
const MOST_SENTINEL_DELAY_MS = 180;
const SENTINEL_ANSWER_MS = 1000;

/**
 * - `redis://`, `rediss://` (both `[user:password@]host[:port][/db]`)
 * - `unix:///path/to.sock[?password=...&db=...]`
 * - `redis+cluster://[user:password@]host[:port],...`: any nodes of a cluster; connects to the one that serves our slot
 * - `redis+sentinel://[user:password@]host[:port],.../name[/db][?sentinel_user=...&sentinel_password=...]`: the hosts are
 *   the sentinels, user and password are for the server
 * - `rediss+...`: the same with TLS
 *
 * @throws ConfigError for anything else; the message never repeats the URL, which may hold a password.
 */
export function parseRedisUrl(url: string): RedisOptions {
  const several = SEVERAL_HOSTS.exec(url);
  if (several !== null) {
    return severalHosts(several);
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  switch (parsed?.protocol) {
    case "unix:":
      return {
        path: decodeURIComponent(parsed.pathname),
        db: databaseOf(parsed.searchParams.get("db") ?? ""),
        ...credentials("", parsed.searchParams.get("password") ?? ""),
      };
    case "redis:":
    case "rediss:":
      return {
        host: parsed.hostname.replace(/^\[|\]$/g, "") || "127.0.0.1",
        port: Number(parsed.port || REDIS_PORT),
        db: databaseOf(parsed.pathname.slice(1)),
        ...credentials(decodeURIComponent(parsed.username), decodeURIComponent(parsed.password)),
        ...(parsed.protocol === "rediss:" ? { tls: {} } : {}),
      };
    default:
      throw new ConfigError([FORMS]);
  }
}

function severalHosts(parts: RegExpExecArray): RedisOptions {
  const [, scheme, kind, user = "", password = "", hosts = "", path = "", query = ""] = parts;
  const nodes = parseNodeList(hosts, kind === "cluster" ? REDIS_PORT : SENTINEL_PORT);
  if (nodes === undefined) {
    throw new ConfigError(["redis.url: the hosts must be a list of the form host:port,host:port"]);
  }
  const tls = scheme === "rediss";
  const server: RedisOptions = {
    ...credentials(decode(user), decode(password)),
    ...(tls ? { tls: {} } : {}),
  };
  if (kind === "cluster") {
    if (!/^0?$/.test(path)) {
      throw new ConfigError(["redis.url: a cluster has no database but 0"]);
    }
    return { ...server, ...nodes[0], Connector: clusterConnector(nodes) } as RedisOptions;
  }
  const [name = "", database = ""] = path.split("/").map(decode);
  if (name === "") {
    throw new ConfigError([
      "redis.url: the name of the primary is missing (redis+sentinel://host:port,host:port/name)",
    ]);
  }
  const asked = new URLSearchParams(query);
  const sentinelUsername = asked.get("sentinel_user");
  const sentinelPassword = asked.get("sentinel_password");
  return {
    ...server,
    sentinels: nodes.map((node) => ({ ...node })),
    name,
    db: databaseOf(database),
    sentinelCommandTimeout: SENTINEL_ANSWER_MS,
    sentinelRetryStrategy: (times) => Math.min(20 * times, MOST_SENTINEL_DELAY_MS),
    ...(sentinelUsername === null ? {} : { sentinelUsername }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError([FORMS]);
  }
}

function credentials(username: string, password: string): { username?: string; password?: string } {
  return {
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  };
}

function databaseOf(text: string): number {
  if (!/^\d{0,4}$/.test(text)) {
    throw new ConfigError(["redis.url: the database after the host must be a number"]);
  }
  return Number(text || 0);
}
