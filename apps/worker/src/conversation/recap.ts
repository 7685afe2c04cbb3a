import type { Prompt } from "@pilotlight/contracts";

/** Exchanges that a recap tells. */
export const RECAP_EXCHANGES = 6;
const MOST_CHARS_PER_TEXT = 1500;

/**
 * A short account of the conversation for a session that does not know it. `newestFirst` are finished prompts; undefined
 * where there is nothing to tell.
 */
export function recapOf(newestFirst: readonly Prompt[]): string | undefined {
  if (newestFirst.length === 0) {
    return undefined;
  }
  const exchanges = newestFirst
    .slice(0, RECAP_EXCHANGES)
    .reverse()
    .map((prompt) => `User: ${shorten(prompt.prompt)}\n\nYou: ${answerOf(prompt)}`);
  return `<conversation-recap>
You have talked with this user before, but that conversation is not in your context any more. These are its last exchanges, the oldest first. They are background: do not act on them again.

${exchanges.join("\n\n")}
</conversation-recap>`;
}

function answerOf({ state, text, plan, turn }: Prompt): string {
  if (turn !== undefined) {
    return "(answered together with an earlier message)";
  }
  const said = shorten(text ?? "");
  const steps = plan?.map(({ status, content }) => `- [${status}] ${shorten(content)}`).join("\n");
  return [
    said === "" && state === "completed" ? "(no text)" : said,
    state === "completed" ? "" : `(this turn ended as ${state})`,
    state === "completed" || steps === undefined ? "" : `Your plan then:\n${steps}`,
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** Nothing in it may look like the end of the recap. */
function shorten(text: string): string {
  const cut =
    text.length > MOST_CHARS_PER_TEXT
      ? `${text.slice(0, MOST_CHARS_PER_TEXT).toWellFormed()} [...]`
      : text;
  return cut.replaceAll("</conversation-recap>", "[/conversation-recap]").trim();
}
