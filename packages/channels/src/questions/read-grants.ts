import { type Grant, grantSchema } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";

/** What is allowed on the channel until further notice, by the time of Redis; what expires first comes first. */
export async function readGrants(redis: Redis, channel: string): Promise<Grant[]> {
  const replies = repliesOf(await redis.pipeline().time().hvals(keys.grants(channel)).exec()) as [
    [string, string],
    string[],
  ];
  const [[secs, us], grants] = replies;
  const nowMs = Number(secs) * 1000 + Number(us) / 1000;
  return grants
    .map((json) => grantSchema.parse(JSON.parse(json)))
    .filter(({ expiresAt }) => expiresAt > nowMs)
    .sort((a, b) => a.expiresAt - b.expiresAt);
}
