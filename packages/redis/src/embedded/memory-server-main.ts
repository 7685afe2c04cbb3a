/** The last resort: a Redis in JavaScript, in memory, in a process of its own. Ends with its parent. */
import type { Server } from "node:net";
import { createRedisCommandExecutor, RedisServerState, Resp2Server } from "js-redis-server/core";

const state = new RedisServerState({ databaseCount: 16 });
const executor = createRedisCommandExecutor();
const front = new Resp2Server({ server: state, executor });

// Its own `listen` takes no host and would bind every interface.
const socketServer = (front as unknown as { readonly server: Server }).server;
socketServer.listen(Number(process.env.PILOTLIGHT_MEMORY_REDIS_PORT ?? 0), "127.0.0.1", () => {
  const address = socketServer.address();
  if (address !== null && typeof address === "object") {
    process.send?.({ type: "ready", url: `redis://127.0.0.1:${address.port}` });
  }
});
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
process.on("SIGINT", () => undefined);
