import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedRedis, startEmbeddedRedis } from "@pilotlight/redis";
import { FETCH_DIR } from "./fetch-dir.ts";

/** A server that belongs to one test, which may stop or kill it. */
export async function startTestServer(): Promise<EmbeddedRedis> {
  const dataDir = mkdtempSync(join(tmpdir(), "pilotlight-redis-"));
  const server = await startEmbeddedRedis({ dataDir, fsync: "everysec", fetchDir: FETCH_DIR });
  return {
    url: server.url,
    engine: server.engine,
    origin: server.origin,
    durable: server.durable,
    get pid() {
      return server.pid;
    },
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
