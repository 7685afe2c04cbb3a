import { connectRedis, whenReady } from "@pilotlight/redis";

const CONNECT_MS = 10_000;

/** Leaves no memory for anything that wants more, for so long. */
export async function fillRedis(url: string, forMs: number): Promise<void> {
  const redis = connectRedis({ url, name: "chaos" });
  try {
    await whenReady(redis, CONNECT_MS);
    // The smallest limit there is. Its policy is `noeviction`: nothing goes, and nothing more is taken.
    await redis.config("SET", "maxmemory", "1");
    try {
      await new Promise((resolve) => setTimeout(resolve, forMs));
    } finally {
      await redis.config("SET", "maxmemory", "0");
    }
  } finally {
    redis.disconnect();
  }
}
