import type { Question } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { readQuestions } from "../questions/read-questions.ts";

/** The pending ones, those that expire first ahead, by position. */
export async function pendingQuestions(
  redis: Redis,
  start: number,
  count: number,
): Promise<Question[]> {
  const ids = await redis.zrange(keys.questions, start, String(start + count - 1));
  return (await readQuestions(redis, ids)).filter((question) => question !== undefined);
}
