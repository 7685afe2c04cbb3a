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
  /** Where a fetched server is kept; default the data directory. */
  readonly fetchDir?: string;
  /** False: what is not here already is not fetched. */
  readonly fetch?: boolean;
  onRestart?(): void;
}

/**
 * The best Redis that this machine can give, in this order: installed, fetched earlier, fetched now (Debian, no root
 * needed), and at last one in memory.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const { dataDir, fetchDir = dataDir } = options;
  const binary =
    (await findServer(options.searchPath ?? process.env.PATH ?? "")) ??
    (await findFetchedServer(fetchDir)) ??
    (options.fetch === false ? undefined : await fetchServer(fetchDir));
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
