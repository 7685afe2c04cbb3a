import type { QuestionType } from "@pilotlight/contracts";

const WAITED: Readonly<Record<QuestionType, string>> = {
  permission:
    " while it waited for a person's permission, whose answer it never heard: what it asked leave for was not done; ask again where it is still needed",
  elicitation:
    " while it waited for a person's answer, which it never heard: ask again where it is still needed",
};

/**
 * What an agent is told whose work on a prompt was cut off. It carries the request, because some agents drop it from the
 * conversation when they are killed.
 */
export function continuationNote(prompt: string, waitedFor?: QuestionType): string {
  return `Your work on the following request was cut off before it was finished: the process that worked on it ended${waitedFor === undefined ? "" : WAITED[waitedFor]}. Parts of it may be done already. Check first what is done; do not do that again; then finish the rest.

<interrupted-request>
${prompt}
</interrupted-request>`;
}
