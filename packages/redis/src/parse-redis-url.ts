import { ConfigError } from "@pilotlight/contracts";
import type { RedisOptions } from "ioredis";

/**
 * `redis://`, `rediss://` (both `[user:password@]host[:port][/db]`) or `unix:///path/to.sock[?password=...&db=...]`.
 *
 * @throws ConfigError for anything else; the message never repeats the URL, which may hold a password.
 */
export function parseRedisUrl(url: string): RedisOptions {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  switch (parsed?.protocol) {
    case "unix:":
      return {
        path: decodeURIComponent(parsed.pathname),
        db: databaseOf(parsed.searchParams.get("db") ?? ""),
        ...passwordOf(parsed.searchParams.get("password") ?? ""),
      };
    case "redis:":
    case "rediss:":
      return {
        host: parsed.hostname.replace(/^\[|\]$/g, "") || "127.0.0.1",
        port: Number(parsed.port || 6379),
        db: databaseOf(parsed.pathname.slice(1)),
        ...(parsed.username === "" ? {} : { username: decodeURIComponent(parsed.username) }),
        ...passwordOf(decodeURIComponent(parsed.password)),
        ...(parsed.protocol === "rediss:" ? { tls: {} } : {}),
      };
    default:
      throw new ConfigError([
        "redis.url: is not of the form redis://, rediss:// (user:password@host:port/db) or unix:///path",
      ]);
  }
}

function passwordOf(password: string): { password?: string } {
  return password === "" ? {} : { password };
}

function databaseOf(text: string): number {
  if (!/^\d{0,4}$/.test(text)) {
    throw new ConfigError(["redis.url: the database after the host must be a number"]);
  }
  return Number(text || 0);
}
