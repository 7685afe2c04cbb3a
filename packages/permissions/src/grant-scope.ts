import { type GrantScope, shortText, type ToolKind } from "@pilotlight/contracts";
import type { ToolFacts } from "./tool-facts.ts";

/** A path tells what these do; of the others only their input does. */
const BY_PATH: readonly ToolKind[] = ["read", "edit", "delete", "move", "search"];
const MOST_PATHS = 50;
const MOST_DESCRIPTION_CHARS = 300;

/**
 * What "always" would allow: calls of the same kind and tool that touch no other path, or whose input is the same. Undefined
 * where it is not to be had: outside of the workspace, for a change of the agent's mode, or where too little is told.
 */
export function scopeOf(facts: ToolFacts): GrantScope | undefined {
  const { kind, name, paths, outside, pathsKnown, inputHash } = facts;
  const tool = name === undefined ? {} : { name };
  if (BY_PATH.includes(kind)) {
    if (!pathsKnown || outside.length > 0 || paths.length === 0 || paths.length > MOST_PATHS) {
      return undefined;
    }
    const description = describe(`${kind} ${paths.join(", ")}`, name);
    return { kind, ...tool, paths: [...paths], description };
  }
  if (inputHash === undefined || kind === "switch_mode") {
    return undefined;
  }
  const what = facts.command ?? facts.title ?? kind;
  const description = describe(`${kind} exactly ${JSON.stringify(what)}`, name);
  return { kind, ...tool, inputHash, description };
}

function describe(what: string, name: string | undefined): string {
  return shortText(name === undefined ? what : `${what} with ${name}`, MOST_DESCRIPTION_CHARS);
}

/** Whether a grant of this scope allows the call. */
export function isWithin(scope: GrantScope, facts: ToolFacts): boolean {
  const wanted = scopeOf(facts);
  if (wanted === undefined || wanted.kind !== scope.kind || wanted.name !== scope.name) {
    return false;
  }
  if (scope.paths !== undefined && scope.inputHash === undefined) {
    const granted = new Set(scope.paths);
    return wanted.paths?.every((path) => granted.has(path)) === true;
  }
  return (
    scope.inputHash !== undefined &&
    scope.paths === undefined &&
    wanted.inputHash === scope.inputHash
  );
}
