import { superviseChild } from "@pilotlight/lifecycle";
import type { EmbeddedRedis } from "./embedded-redis.ts";

/** For trying things where no real server can be had: works alike, keeps nothing. */
export async function startMemoryServer(): Promise<EmbeddedRedis> {
  const child = superviseChild({
    name: "memory-redis",
    script: new URL("./memory-server-main.ts", import.meta.url).pathname,
    env: () => process.env,
    onLine: () => undefined,
  });
  const { url } = await child.ready;
  if (url === undefined) {
    throw new Error("the in-memory Redis did not say where it listens");
  }
  return {
    url,
    engine: "js-redis-server (in memory)",
    durable: false,
    get pid() {
      return child.pid ?? 0;
    },
    stop: () => child.stop(5000),
  };
}
