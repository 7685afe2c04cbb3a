/** One `[[name arg arg]]` of a prompt. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
}

export interface ParsedPrompt {
  /** What is left of the prompt when its directives are taken out. */
  readonly text: string;
  readonly directives: readonly Directive[];
}

const DIRECTIVE = /\[\[([a-z][a-z-]*)((?:\s+[^\]\s]+)*)\s*\]\]/g;

/** Splits a prompt into its free text and its directives, in their order. Anything else in brackets is text. */
export function parsePrompt(prompt: string): ParsedPrompt {
  const directives: Directive[] = [];
  const text = prompt.replace(DIRECTIVE, (_, name: string, args: string) => {
    directives.push({ name, args: args.split(/\s+/).filter(Boolean) });
    return " ";
  });
  return { text: text.replace(/[ \t]+/g, " ").trim(), directives };
}

/** The directive's argument as a whole number from 0 to `max`; `fallback` where there is none. */
export function countOf(text: string | undefined, fallback: number, max: number): number {
  const count = Number(text ?? fallback);
  return Number.isFinite(count) ? Math.min(Math.max(0, Math.trunc(count)), max) : fallback;
}
