/**
 * What an agent is told whose work on a prompt was cut off. It carries the request, because some agents drop it from the
 * conversation when they are killed.
 */
export function continuationNote(prompt: string): string {
  return `Your work on the following request was cut off before it was finished: the process that worked on it ended. Parts of it may be done already. Check first what is done; do not do that again; then finish the rest.

<interrupted-request>
${prompt}
</interrupted-request>`;
}
