/** Starts an embedded server in `DATA_DIR`, says which, and waits to be killed. */
import { startEmbeddedRedis } from "../../src/embedded/start-embedded-redis.ts";

const server = await startEmbeddedRedis({
  dataDir: process.env.DATA_DIR ?? "",
  fsync: "everysec",
  outliveMs: Number(process.env.OUTLIVE_MS ?? 5000),
  ...(process.env.SEARCH_PATH === undefined ? {} : { searchPath: process.env.SEARCH_PATH }),
  fetch: false,
});
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
setInterval(() => undefined, 1000);
