import type { Redis } from "ioredis";

export interface LuaScript {
  readonly name: string;
  readonly lua: string;
  /** How many of the first arguments are keys. */
  readonly keys: number;
}

/**
 * Defines scripts on the client and loads every script that the client knows (others' too) into the server, now and
 * after each reconnect. A script that is missing inside a MULTI fails alone while Redis executes the rest, so it must
 * never be missing.
 */
export async function defineScripts(redis: Redis, scripts: readonly LuaScript[]): Promise<void> {
  for (const { name, lua, keys } of scripts) {
    redis.defineCommand(name, { lua, numberOfKeys: keys });
  }
  redis.on("ready", () => {
    // Sent before anything that waited for `ready`. Where it fails the connection is lost, and the next one loads them.
    loadScripts(redis).catch(() => undefined);
  });
  await loadScripts(redis);
}

/** Loads every script known to the client into the server: after NOSCRIPT, too. */
export async function loadScripts(redis: Redis): Promise<void> {
  const pipeline = redis.pipeline();
  for (const script of Object.values(redis.scriptsSet as Record<string, { lua: string }>)) {
    pipeline.script("LOAD", script.lua);
  }
  await pipeline.exec();
}
