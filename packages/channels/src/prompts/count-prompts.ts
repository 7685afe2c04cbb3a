import { PROMPT_STATES, type PromptState } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";

export type PromptCounts = Readonly<Record<PromptState, number>>;

/** How many prompts of all channels are in each state: one round trip. */
export async function countPromptsByState(redis: Redis): Promise<PromptCounts> {
  const pipeline = redis.pipeline();
  for (const state of PROMPT_STATES) {
    pipeline.zcard(keys.state(state));
  }
  const counts = repliesOf(await pipeline.exec());
  return Object.fromEntries(
    PROMPT_STATES.map((state, index) => [state, Number(counts[index])]),
  ) as Record<PromptState, number>;
}
