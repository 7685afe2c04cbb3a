import type { Question } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { Page } from "../channels-client.ts";
import { keys } from "../keys.ts";
import { repliesOf } from "../replies-of.ts";
import { decodeQuestion } from "./question-record.ts";
import type { QuestionFilter } from "./question-store.ts";

/** Index entries looked at for one page; a page may come back short, with a cursor to go on. */
const MOST_LOOKED_AT = 1000;
const LOOKED_AT_AT_ONCE = 200;

export async function readQuestion(redis: Redis, id: string): Promise<Question | undefined> {
  return decodeQuestion(await redis.hgetall(keys.question(id)));
}

/**
 * Pending ones in the order in which they expire, others the newest first. The cursor names the entry after which the
 * next page begins.
 */
export async function listQuestions(redis: Redis, filter: QuestionFilter): Promise<Page<Question>> {
  const items: Question[] = [];
  let cursor = parseCursor(filter.cursor);
  for (let lookedAt = 0; lookedAt < MOST_LOOKED_AT; ) {
    const entries = await entriesAfter(redis, filter.state === "pending", cursor);
    lookedAt += entries.length;
    const questions = await readQuestions(
      redis,
      entries.map(({ id }) => id),
    );
    for (const [index, question] of questions.entries()) {
      const entry = entries[index] as Entry;
      if (question !== undefined && fits(question, filter)) {
        if (items.length === filter.limit) {
          return { items, nextCursor: encodeCursor(cursor as Entry) };
        }
        items.push(question);
      }
      cursor = entry;
    }
    if (entries.length < LOOKED_AT_AT_ONCE) {
      return { items };
    }
  }
  return { items, ...(cursor === undefined ? {} : { nextCursor: encodeCursor(cursor) }) };
}

interface Entry {
  readonly id: string;
  readonly score: string;
}

/** Those that stand at the cursor's score are read again, and left out up to the one that it names. */
async function entriesAfter(
  redis: Redis,
  pending: boolean,
  cursor: Entry | undefined,
): Promise<Entry[]> {
  const count = LOOKED_AT_AT_ONCE;
  for (let from = 0; ; from += count) {
    const flat = pending
      ? await redis.zrange(
          keys.questions,
          cursor?.score ?? "-inf",
          "+inf",
          "BYSCORE",
          "LIMIT",
          from,
          count,
          "WITHSCORES",
        )
      : await redis.zrange(
          keys.asked,
          cursor?.score ?? "+inf",
          "-inf",
          "BYSCORE",
          "REV",
          "LIMIT",
          from,
          count,
          "WITHSCORES",
        );
    const entries = entriesOf(flat);
    const after = entries.filter(
      (entry) => cursor === undefined || isAfter(entry, cursor, pending),
    );
    if (after.length > 0 || entries.length < count) {
      return after;
    }
  }
}

/** Among equal scores Redis orders by the member. */
function isAfter(entry: Entry, cursor: Entry, ascending: boolean): boolean {
  if (entry.score !== cursor.score) {
    return true;
  }
  return ascending ? entry.id > cursor.id : entry.id < cursor.id;
}

/** Each by its id; undefined where there is none any more. */
export async function readQuestions(
  redis: Redis,
  ids: readonly string[],
): Promise<(Question | undefined)[]> {
  if (ids.length === 0) {
    return [];
  }
  const pipeline = redis.pipeline();
  for (const id of ids) {
    pipeline.hgetall(keys.question(id));
  }
  return repliesOf(await pipeline.exec()).map((fields) =>
    decodeQuestion(fields as Record<string, string>),
  );
}

function fits(question: Question, filter: QuestionFilter): boolean {
  return (
    (filter.channel === undefined || question.channel === filter.channel) &&
    (filter.promptId === undefined || question.promptId === filter.promptId) &&
    (filter.type === undefined || question.type === filter.type) &&
    (filter.state === undefined || question.state === filter.state)
  );
}

const CURSOR = /^(\d{1,16})-(qu_[0-9a-hjkmnp-tv-z]{26})$/;

/** Whether a text could be a cursor of ours. */
export function isQuestionCursor(text: string): boolean {
  return CURSOR.test(text);
}

function parseCursor(text: string | undefined): Entry | undefined {
  const [, score, id] = text?.match(CURSOR) ?? [];
  return score === undefined || id === undefined ? undefined : { score, id };
}

function encodeCursor({ score, id }: Entry): string {
  return `${score}-${id}`;
}

function entriesOf(flat: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    entries.push({ id: flat[i] as string, score: flat[i + 1] as string });
  }
  return entries;
}
