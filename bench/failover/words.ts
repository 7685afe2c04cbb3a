/** A prompt that the demo agent answers with so many words at this pace. */
export function wordsPrompt(count: number, chunkMs: number): string {
  return `[[chunk-ms ${chunkMs}]] [[words ${count}]]`;
}

/** The whole answer to it. */
export function wordsAnswer(count: number): string {
  return Array.from({ length: count }, (_, i) => `word${i + 1}`).join(" ");
}
