export { checkServer, type ServerReport } from "./check-server.ts";
export { type ConnectRedisOptions, connectRedis, type Redis } from "./connect-redis.ts";
export { defineScripts, type LuaScript, loadScripts } from "./define-scripts.ts";
export type { EmbeddedRedis } from "./embedded/embedded-redis.ts";
export { findServer } from "./embedded/find-server.ts";
export { type DataDirLock, lockDataDir } from "./embedded/lock-data-dir.ts";
export { type EmbeddedRedisOptions, startEmbeddedRedis } from "./embedded/start-embedded-redis.ts";
export { RedisUnreachableError } from "./redis-unreachable-error.ts";
export { whenReady } from "./when-ready.ts";
