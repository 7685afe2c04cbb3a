/** What a list shows of a long text; the entry's own page has all of it. */
const LIST_CHARS = 2000;

export type TextLength = "short" | "full";

/** The beginning of a long text, and how much follows it. */
export function shorten(text: string, length: TextLength, most = LIST_CHARS): string {
  return length === "full" || text.length <= most
    ? text
    : `${text.slice(0, most)} … (${text.length - most} more characters)`;
}
