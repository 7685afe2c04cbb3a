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
  /** How long its clients may go on when this process was killed; default 5 s. */
  readonly outliveMs?: number;
  /** What a person may want to know: that a server is fetched, that it ended and was started again. */
  onNotice?(text: string): void;
}

const DEFAULT_OUTLIVE_MS = 5000;

/**
 * The best Redis that this machine can give, in this order: installed, fetched earlier, fetched now (Debian, no root
 * needed), and at last one in memory. The caller holds the lock of the data directory (`lockDataDir`).
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const { dataDir, fsync, fetchDir = dataDir, outliveMs = DEFAULT_OUTLIVE_MS } = options;
  const onNotice = options.onNotice ?? (() => undefined);
  const run = { dataDir, fsync, outliveMs, onNotice };
  const installed = await findServer(options.searchPath ?? process.env.PATH ?? "");
  if (installed !== undefined) {
    return await startServer({ ...run, binary: installed, origin: "installed" });
  }
  const fetched = (await findFetchedServer(fetchDir)) ?? (await fetchNow());
  return fetched === undefined
    ? await startMemoryServer({ outliveMs, onNotice })
    : await startServer({ ...run, binary: fetched, origin: "fetched" });

  async function fetchNow() {
    if (options.fetch === false) {
      return undefined;
    }
    onNotice("no redis-server is installed: fetching one into the data directory");
    return await fetchServer(fetchDir);
  }
}
