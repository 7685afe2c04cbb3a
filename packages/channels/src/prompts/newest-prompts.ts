import type { Prompt, PromptState } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";
import { decodePrompt } from "./prompt-record.ts";
import { withTurnTexts } from "./with-turn-texts.ts";

/** How far back a page by position goes in each state; behind that `listPrompts` goes on by its cursor. */
export const MOST_PROMPTS_BY_POSITION = 10_000;

/**
 * A page by position, counted from the newest prompt that is in one of the states. Entries whose prompt is past
 * retention are left out. Two round trips, whatever the number of prompts.
 */
export async function newestPrompts(
  redis: Redis,
  states: readonly PromptState[],
  start: number,
  count: number,
): Promise<Prompt[]> {
  const end = Math.min(start + count, MOST_PROMPTS_BY_POSITION);
  // One state is read at its place; several are merged from the top.
  const from = states.length === 1 ? start : 0;
  if (start >= end) {
    return [];
  }
  const indexes = redis.pipeline();
  for (const state of states) {
    indexes.zrange(keys.state(state), from, String(end - 1), "REV", "WITHSCORES");
  }
  const ids = repliesOf(await indexes.exec())
    .flatMap((reply) => entriesOf(reply as string[]))
    .sort((a, b) => b.seq - a.seq)
    .slice(start - from, end - from)
    .map((entry) => entry.id);
  return await readPrompts(redis, ids);
}

/** The records of the ids that still have one, in their order. */
async function readPrompts(redis: Redis, ids: readonly string[]): Promise<Prompt[]> {
  if (ids.length === 0) {
    return [];
  }
  const pipeline = redis.pipeline();
  for (const id of ids) {
    pipeline.hgetall(keys.prompt(id));
  }
  const prompts = repliesOf(await pipeline.exec())
    .map((fields, index) => decodePrompt(ids[index] as string, fields as Record<string, string>))
    .filter((prompt) => prompt !== undefined);
  return await withTurnTexts(redis, prompts);
}

function entriesOf(flat: readonly string[]): { readonly id: string; readonly seq: number }[] {
  const entries: { id: string; seq: number }[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    entries.push({ id: flat[i] as string, seq: Number(flat[i + 1]) });
  }
  return entries;
}
