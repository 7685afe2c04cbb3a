import { PROMPT_STATES, type Prompt } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { Page, PromptFilter } from "../channels-client.ts";
import { keys } from "../keys.ts";
import { decodePrompt } from "./prompt-record.ts";
import { withTurnTexts } from "./with-turn-texts.ts";
import { withWaiting } from "./with-waiting.ts";

/** Index entries looked at for one page; a page may come back short, with a cursor to go on. */
const MOST_LOOKED_AT = 1000;

export async function readPrompt(redis: Redis, id: string): Promise<Prompt | undefined> {
  const prompt = decodePrompt(id, await redis.hgetall(keys.prompt(id)));
  if (prompt === undefined) {
    return undefined;
  }
  const [withText = prompt] = await withTurnTexts(redis, [prompt]);
  return await withWaiting(redis, withText);
}

/** Newest first. The cursor is the sequence number after which the next page begins. */
export async function listPrompts(redis: Redis, filter: PromptFilter): Promise<Page<Prompt>> {
  const items: Prompt[] = [];
  let before = filter.cursor === undefined ? "+inf" : `(${filter.cursor}`;
  let lookedAt = 0;
  while (items.length < filter.limit && lookedAt < MOST_LOOKED_AT) {
    const entries = await newestEntries(redis, filter, before, filter.limit - items.length);
    if (entries.length === 0) {
      return { items };
    }
    lookedAt += entries.length;
    for (const prompt of await readAll(redis, entries)) {
      if (filter.state === undefined || prompt.state === filter.state) {
        items.push(prompt);
      }
    }
    before = `(${entries.at(-1)?.seq}`;
  }
  return { items, nextCursor: before.slice(1) };
}

interface IndexEntry {
  readonly id: string;
  readonly seq: number;
}

/** From the channel's index, or from those by state: the newest `count` of their union. */
async function newestEntries(
  redis: Redis,
  filter: PromptFilter,
  before: string,
  count: number,
): Promise<IndexEntry[]> {
  const indexes =
    filter.channel !== undefined
      ? [keys.channelPrompts(filter.channel)]
      : (filter.state === undefined ? PROMPT_STATES : [filter.state]).map(keys.state);
  const pipeline = redis.pipeline();
  for (const index of indexes) {
    pipeline.zrange(index, before, "-inf", "BYSCORE", "REV", "LIMIT", 0, count, "WITHSCORES");
  }
  const entries: IndexEntry[] = [];
  for (const [error, reply] of (await pipeline.exec()) ?? []) {
    if (error !== null) {
      throw error;
    }
    const flat = reply as string[];
    for (let i = 0; i < flat.length; i += 2) {
      entries.push({ id: flat[i] as string, seq: Number(flat[i + 1]) });
    }
  }
  return entries.sort((a, b) => b.seq - a.seq).slice(0, count);
}

async function readAll(redis: Redis, entries: readonly IndexEntry[]): Promise<Prompt[]> {
  const pipeline = redis.pipeline();
  for (const { id } of entries) {
    pipeline.hgetall(keys.prompt(id));
  }
  const prompts: Prompt[] = [];
  for (const [index, [error, fields]] of ((await pipeline.exec()) ?? []).entries()) {
    if (error !== null) {
      throw error;
    }
    // An entry whose prompt is past retention is passed over; settling and the sweep drop it.
    const prompt = decodePrompt(entries[index]?.id ?? "", fields as Record<string, string>);
    if (prompt !== undefined) {
      prompts.push(prompt);
    }
  }
  return await withTurnTexts(redis, prompts);
}
