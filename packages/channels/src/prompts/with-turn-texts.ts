import { isFinalPromptState, type Prompt } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";

/**
 * The answer of a turn is kept once, with the prompt that it was begun for: those that were part of it are given it here,
 * from where they joined. Costs nothing where there is none.
 */
export async function withTurnTexts(redis: Redis, prompts: readonly Prompt[]): Promise<Prompt[]> {
  const joined = prompts.filter(({ turn, state }) => turn && isFinalPromptState(state));
  if (joined.length === 0) {
    return [...prompts];
  }
  const pipeline = redis.pipeline();
  for (const { id, turn } of joined) {
    pipeline.hget(keys.prompt(turn?.id ?? ""), "tx");
    pipeline.hget(keys.prompt(id), "tf");
  }
  const replies = repliesOf(await pipeline.exec()) as (string | null)[];
  const texts = new Map(
    joined.map(({ id }, index) => [
      id,
      (replies[2 * index] ?? "").slice(Number(replies[2 * index + 1] ?? 0)),
    ]),
  );
  return prompts.map((prompt) => {
    const text = texts.get(prompt.id);
    return text === undefined || text === "" ? prompt : { ...prompt, text };
  });
}
