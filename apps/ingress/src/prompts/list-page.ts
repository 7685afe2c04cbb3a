import type { ChannelsClient, Page, PromptFilter } from "@pilotlight/channels";
import type { Prompt } from "@pilotlight/contracts";

/** Records are read a few at a time, since one may hold more than a megabyte. */
const READ_AT_ONCE = 10;
/** Characters of prompts and answers in one page; a page ends early behind them, with a cursor to go on. */
const MOST_PER_PAGE = 4 * 1_048_576;

/** A page of prompts that fits into memory whatever they hold. */
export async function listPage(
  client: ChannelsClient,
  filter: PromptFilter,
): Promise<Page<Prompt>> {
  const items: Prompt[] = [];
  let size = 0;
  let cursor = filter.cursor;
  while (items.length < filter.limit && size < MOST_PER_PAGE) {
    const page = await client.listPrompts({
      ...filter,
      limit: Math.min(READ_AT_ONCE, filter.limit - items.length),
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    size += page.items.reduce((sum, prompt) => sum + sizeOf(prompt), 0);
    if (page.nextCursor === undefined) {
      return { items };
    }
    cursor = page.nextCursor;
    if (page.items.length === 0) {
      break;
    }
  }
  return cursor === undefined ? { items } : { items, nextCursor: cursor };
}

function sizeOf(prompt: Prompt): number {
  return prompt.prompt.length + (prompt.text?.length ?? 0);
}
