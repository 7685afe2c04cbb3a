import type { Redis } from "@pilotlight/redis";
import { keys } from "./keys.ts";

/** How often each thing was done that nobody hopes for, by name, since this Redis was first used. */
export async function readCounts(redis: Redis): Promise<Record<string, number>> {
  const counts = await redis.hgetall(keys.counts);
  return Object.fromEntries(
    Object.entries(counts)
      .map(([name, count]) => [name, Number(count)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
