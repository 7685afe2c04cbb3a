import type { Redis } from "ioredis";

/** Lets the time pass after which keys would go by themselves: those that have a TTL and match go now. */
export async function expireNow(redis: Redis, match: (key: string) => boolean): Promise<number> {
  let expired = 0;
  let cursor = "0";
  do {
    const [next, found] = await redis.scan(cursor, "COUNT", 1000);
    cursor = next;
    const matching = found.filter(match);
    const ttls = await Promise.all(matching.map((key) => redis.pttl(key)));
    const due = matching.filter((_, i) => (ttls[i] ?? -1) > 0);
    await Promise.all(due.map((key) => redis.pexpire(key, 0)));
    expired += due.length;
  } while (cursor !== "0");
  return expired;
}
