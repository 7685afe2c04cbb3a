import type { EmbeddedRedis } from "./embedded-redis.ts";
import { fetchServer, findFetchedServer } from "./fetch-server.ts";
import { findServer } from "./find-server.ts";
import { startMemoryServer } from "./start-memory-server.ts";
import { startServer } from "./start-server.ts";

export interface EmbeddedRedisOptions {
  readonly dataDir: string;
  readonly fsync: "everysec" | "always";
  /** Where installed servers are looked for; default PATH. */
  readonly searchPath?: string;
  /** False: what is not here already is not fetched. */
  readonly fetch?: boolean;
  onRestart?(): void;
}

/**
 * The best Redis that this machine can give, in this order: installed, fetched earlier, fetched now (Debian, no root
 * needed), and at last one in memory.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const { dataDir } = options;
  const binary =
    (await findServer(options.searchPath ?? process.env.PATH ?? "")) ??
    (await findFetchedServer(dataDir)) ??
    (options.fetch === false ? undefined : await fetchServer(dataDir));
  if (binary === undefined) {
    return await startMemoryServer();
  }
  return await startServer({
    binary,
    dataDir,
    fsync: options.fsync,
    ...(options.onRestart === undefined ? {} : { onRestart: options.onRestart }),
  });
}
