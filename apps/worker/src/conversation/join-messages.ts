/** Several messages that the agent is to answer together, as one request: in their order, and told apart. */
export function joinMessages(first: string, others: readonly string[] = []): string {
  if (others.length === 0) {
    return first;
  }
  const messages = [first, ...others];
  return messages
    .map((text, index) => `Message ${index + 1} of ${messages.length}:\n${text}`)
    .join("\n\n");
}
