/** More is not compared: a rule about it cannot be judged. */
export const MOST_MATCHED_CHARS = 4096;

type Token =
  | { readonly at: "char"; readonly char: string }
  | { readonly at: "one" }
  | { readonly at: "some" }
  | { readonly at: "all" };

/**
 * Whether the whole text fits: `*` stands for any characters but those in `stops`, `?` for one of them, `**` for any at all;
 * everything else for itself. Takes time in proportion to both lengths, whatever they are: no pattern is a trap.
 */
export function matchesText(pattern: string, text: string, stops = ""): boolean {
  const tokens = tokensOf(pattern);
  let reached = closure(tokens, new Set([0]));
  for (const char of text) {
    const next = new Set<number>();
    for (const at of reached) {
      const token = tokens[at];
      if (token?.at === "all" || (token?.at === "some" && !stops.includes(char))) {
        next.add(at);
      } else if (token?.at === "one" ? !stops.includes(char) : isChar(token, char)) {
        next.add(at + 1);
      }
    }
    if (next.size === 0) {
      return false;
    }
    reached = closure(tokens, next);
  }
  return reached.has(tokens.length);
}

function isChar(token: Token | undefined, char: string): boolean {
  return token?.at === "char" && token.char === char;
}

/** With what follows stars, since these may stand for nothing. */
function closure(tokens: readonly Token[], reached: Set<number>): Set<number> {
  // A set that grows is walked to its new end.
  for (const at of reached) {
    const token = tokens[at];
    if (token?.at === "some" || token?.at === "all") {
      reached.add(at + 1);
    }
  }
  return reached;
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (const char of pattern) {
    const last = tokens.at(-1);
    if (char === "*" && last?.at === "some") {
      tokens[tokens.length - 1] = { at: "all" };
    } else if (char === "*" && last?.at !== "all") {
      tokens.push({ at: "some" });
    } else if (char !== "*") {
      tokens.push(char === "?" ? { at: "one" } : { at: "char", char });
    }
  }
  return tokens;
}

/**
 * Whether a path, relative to the workspace, fits: `*` and `?` stay within a segment, the segment `**` stands for any number of
 * them, also none: `src/**` is everything below `src`, and `src` itself.
 */
export function matchesPath(pattern: string, path: string): boolean {
  return walk(pattern, path).fits;
}

/** Whether something below the path may fit. */
export function mayMatchBelow(pattern: string, path: string): boolean {
  return walk(pattern, path).below;
}

function walk(pattern: string, path: string): { fits: boolean; below: boolean } {
  const patterns = pattern.split("/");
  const segments = path === "." ? [] : path.split("/");
  let reached = skipStars(patterns, new Set([0]));
  for (const segment of segments) {
    const next = new Set<number>();
    for (const at of reached) {
      const part = patterns[at];
      if (part === "**") {
        next.add(at);
      } else if (part !== undefined && matchesText(part, segment)) {
        next.add(at + 1);
      }
    }
    reached = skipStars(patterns, next);
  }
  return {
    fits: reached.has(patterns.length),
    below: [...reached].some((at) => at < patterns.length),
  };
}

function skipStars(patterns: readonly string[], reached: Set<number>): Set<number> {
  for (const at of reached) {
    if (patterns[at] === "**") {
      reached.add(at + 1);
    }
  }
  return reached;
}
