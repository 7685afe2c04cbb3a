import { onTestFinished } from "vitest";
import { connectRedis, type Redis } from "../src/connect-redis.ts";
import { whenReady } from "../src/when-ready.ts";

/** A client that goes with the test. */
export async function connected(url: string): Promise<Redis> {
  const redis = connectRedis({ url, name: "test" });
  onTestFinished(() => redis.disconnect());
  await whenReady(redis, 10_000);
  return redis;
}
