/** The last resort: a Redis in JavaScript, in memory, in a process of its own. Ends soon after its parent. */
import type { Server } from "node:net";
import { promisify } from "node:util";
import { tellParent } from "@pilotlight/lifecycle";
import { createRedisCommandExecutor, RedisServerState, Resp2Server } from "js-redis-server/core";
import { MEMORY_SERVER_ORDER, type MemoryServerOrder } from "./memory-server-order.ts";

const LOOK_EVERY_MS = 100;

const order = JSON.parse(process.env[MEMORY_SERVER_ORDER] ?? "") as MemoryServerOrder;
delete process.env[MEMORY_SERVER_ORDER];

const state = new RedisServerState({ databaseCount: 16, requirepass: order.password });
const front = new Resp2Server({ server: state, executor: createRedisCommandExecutor() });

// Its own `listen` takes no host and would bind every interface.
const socketServer = (front as unknown as { readonly server: Server }).server;
socketServer.listen(order.port, "127.0.0.1", () => {
  tellParent({ type: "ready" });
  tellParent({ type: "server-started", pid: process.pid });
});
process.on("SIGTERM", () => process.exit(0));
process.on("SIGINT", () => undefined);
process.on("disconnect", () => void endAfterClients());

/** What our killed parent had started may finish on it. */
async function endAfterClients(): Promise<void> {
  setTimeout(() => process.exit(0), order.outliveMs);
  const count = promisify(socketServer.getConnections.bind(socketServer));
  setInterval(async () => {
    if ((await count()) === 0) {
      process.exit(0);
    }
  }, LOOK_EVERY_MS);
}
