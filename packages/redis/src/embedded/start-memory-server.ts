import { PilotlightError } from "@pilotlight/contracts";
import { superviseChild, withDeadline } from "@pilotlight/lifecycle";
import { loopbackAddress } from "./choose-address.ts";
import type { EmbeddedRedis } from "./embedded-redis.ts";
import { MEMORY_SERVER_ORDER, type MemoryServerOrder } from "./memory-server-order.ts";

export interface StartMemoryServerOptions {
  readonly outliveMs: number;
  onNotice(text: string): void;
}

const START_TIMEOUT_MS = 15_000;

/** For trying things where no real server can be had: works alike, keeps nothing, not even over a crash of its own. */
export async function startMemoryServer(options: StartMemoryServerOptions): Promise<EmbeddedRedis> {
  const { port, password, url } = await loopbackAddress();
  const order: MemoryServerOrder = { port, password, outliveMs: options.outliveMs };
  let pid = 0;
  const child = superviseChild({
    name: "memory-redis",
    script: new URL("./memory-server-main.ts", import.meta.url).pathname,
    env: () => ({ ...process.env, [MEMORY_SERVER_ORDER]: JSON.stringify(order) }),
    onLine: options.onNotice,
    onMessage: (message) => {
      if (message.type === "server-started") {
        if (pid !== 0) {
          options.onNotice("the in-memory Redis ended; it is started again, EMPTY");
        }
        pid = message.pid;
      }
    },
  });
  try {
    await withDeadline(
      child.ready,
      START_TIMEOUT_MS,
      () => new PilotlightError("REDIS_NOT_STARTED", "the in-memory Redis did not start in time"),
    );
  } catch (error) {
    await child.stop(0);
    throw error;
  }
  return {
    url,
    engine: "js-redis-server (in memory)",
    origin: "in-memory",
    durable: false,
    get pid() {
      return pid;
    },
    stop: () => child.stop(5000),
  };
}
