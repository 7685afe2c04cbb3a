import type { QuestionAnswer } from "@pilotlight/contracts";

/** The answer's JSON: the same for the same answer, in whichever order its fields were sent. */
export function canonicalAnswer(answer: QuestionAnswer): string {
  return JSON.stringify(sorted(answer));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
