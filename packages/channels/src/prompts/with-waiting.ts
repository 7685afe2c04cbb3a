import { channelBlockSchema, type Prompt } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";

/** `assign` is ordered by priority first: what is left of a score is the time since when a channel waits. */
const PRIORITY_STEP = 1e13;

/** Says of an accepted prompt what it waits for: its channel is blocked, or no worker has taken it. */
export async function withWaiting(redis: Redis, prompt: Prompt): Promise<Prompt> {
  if (prompt.state !== "accepted") {
    return prompt;
  }
  if (prompt.notBefore !== undefined) {
    return { ...prompt, waitingSince: prompt.acceptedAt };
  }
  const pipeline = redis.pipeline();
  pipeline.hget(keys.channel(prompt.channel), "b");
  pipeline.zscore(keys.assign, prompt.channel);
  const [block, score] = repliesOf(await pipeline.exec()) as (string | null)[];
  if (block != null) {
    const { reason, detail, since } = channelBlockSchema.parse(JSON.parse(block));
    return {
      ...prompt,
      waitingFor: reason === "degraded" ? "recovery" : reason,
      waitingReason: `its channel waits${detail === undefined ? "" : `: ${detail}`}`,
      waitingSince: since,
    };
  }
  if (score == null) {
    return prompt;
  }
  return {
    ...prompt,
    waitingFor: "room",
    waitingReason: "no worker has room for its channel yet",
    waitingSince: Number(score) % PRIORITY_STEP,
  };
}
