import type { PermissionRule } from "@pilotlight/contracts";
import { MOST_MATCHED_CHARS, matchesPath, matchesText, mayMatchBelow } from "./glob.ts";
import type { ToolFacts } from "./tool-facts.ts";

/** Whether a rule is about a tool call. `unclear`: the call does not tell enough. */
export type Match = "yes" | "no" | "unclear";

/** What chains, feeds or replaces a command: `npm *` must not allow `npm test; rm -rf /`. */
const SHELL_STOPS = ";&|<>`$\n\r";
/** What takes what is below a path with it. */
const DEEP = ["delete", "move", "search"];

/** Whether a rule allows the call. Every field has to match surely. */
export function matchesAllow(rule: PermissionRule, facts: ToolFacts): Match {
  return all([
    rule.kind === undefined ? "yes" : sure(rule.kind === facts.kind),
    byText(rule.name, facts.name),
    allowsTitle(rule.title, facts),
    allowsPath(rule.path, facts),
  ]);
}

/** Whether a rule denies the call. What could match, and is not told, is unclear. */
export function matchesDeny(rule: PermissionRule, facts: ToolFacts): Match {
  return all([
    deniesKind(rule, facts),
    byText(rule.name, facts.name),
    deniesTitle(rule.title, facts),
    deniesPath(rule.path, facts),
  ]);
}

function all(matches: readonly Match[]): Match {
  return matches.includes("no") ? "no" : matches.includes("unclear") ? "unclear" : "yes";
}

function any(matches: readonly Match[]): Match {
  return matches.includes("yes") ? "yes" : matches.includes("unclear") ? "unclear" : "no";
}

function sure(matches: boolean): Match {
  return matches ? "yes" : "no";
}

function byText(pattern: string | undefined, text: string | undefined, stops = ""): Match {
  if (pattern === undefined) {
    return "yes";
  }
  if (text === undefined || text.length > MOST_MATCHED_CHARS) {
    return "unclear";
  }
  return sure(matchesText(pattern, text, stops));
}

/** By the command where there is one: a title is but what the agent calls it. */
function allowsTitle(pattern: string | undefined, facts: ToolFacts): Match {
  if (pattern === undefined) {
    return "yes";
  }
  const runs = facts.kind === "execute";
  if (facts.opaque || (runs && facts.outside.length > 0)) {
    return "unclear";
  }
  const stops = runs || facts.kind === "other" ? SHELL_STOPS : "";
  return byText(pattern, facts.command ?? unquoted(facts.title), stops);
}

function deniesTitle(pattern: string | undefined, facts: ToolFacts): Match {
  if (pattern === undefined) {
    return "yes";
  }
  const texts = [facts.title, unquoted(facts.title), facts.command].filter(
    (text) => text !== undefined,
  );
  const match = any(texts.map((text) => byText(pattern, text)));
  return match === "no" && (texts.length === 0 || facts.opaque) ? "unclear" : match;
}

/** Claude's adapter puts commands between backquotes. */
function unquoted(title: string | undefined): string | undefined {
  return title?.match(/^`([^`]*)`$/)?.[1] ?? title;
}

function deniesKind({ kind }: PermissionRule, facts: ToolFacts): Match {
  if (kind === undefined || kind === facts.kind || kind === facts.toldKind) {
    return "yes";
  }
  return facts.toldKind === undefined && facts.command === undefined ? "unclear" : "no";
}

function allowsPath(pattern: string | undefined, { paths, outside, pathsKnown }: ToolFacts): Match {
  if (pattern === undefined) {
    return "yes";
  }
  if (outside.length > 0) {
    return "no";
  }
  return pathsKnown ? all(paths.map((path) => byPath(pattern, path))) : "unclear";
}

/** Not every disk tells `.ENV` from `.env`. */
function deniesPath(pattern: string | undefined, facts: ToolFacts): Match {
  if (pattern === undefined) {
    return "yes";
  }
  const folded = pattern.toLowerCase();
  const matches = facts.paths.map((path) => {
    const match = byPath(folded, path.toLowerCase());
    const deep = DEEP.includes(facts.kind) && mayMatchBelow(folded, path.toLowerCase());
    return match === "no" && deep ? "unclear" : match;
  });
  const match = any(matches);
  return match === "no" && !facts.pathsKnown ? "unclear" : match;
}

function byPath(pattern: string, path: string): Match {
  return path.length > MOST_MATCHED_CHARS ? "unclear" : sure(matchesPath(pattern, path));
}
