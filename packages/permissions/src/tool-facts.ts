import { TOOL_KINDS, type ToolKind } from "@pilotlight/contracts";
import { fingerprint } from "./fingerprint.ts";
import { isObject, textOf } from "./json.ts";
import { commandOf, inputOf, nameOf, without } from "./told-input.ts";
import { mayLeadElsewhere, toldPaths } from "./told-paths.ts";
import type { ToolCallInput } from "./tool-call.ts";
import type { Workspace } from "./workspace.ts";

/** What rules and grants are judged by. */
export interface ToolFacts {
  /** What holds a command is `execute`, whatever its agent calls it: some say `read` of a command that begins with `cat`. */
  readonly kind: ToolKind;
  /** As the agent said; undefined where it said none that we know. */
  readonly toldKind: ToolKind | undefined;
  readonly name: string | undefined;
  readonly title: string | undefined;
  readonly command: string | undefined;
  /** Those inside the workspace, relative to it (`.` is its root), with every symbolic link followed. */
  readonly paths: readonly string[];
  /** Those outside, absolute; or as they were told, where it cannot be said where they lead. */
  readonly outside: readonly string[];
  /** These are all paths that it touches, as far as the agent's word goes. Never so where something is run. */
  readonly pathsKnown: boolean;
  /** It runs something that is not told in a form that we know. */
  readonly opaque: boolean;
  /** Fingerprint of what it does; undefined where nothing is told. */
  readonly inputHash: string | undefined;
}

/** The kinds that are told by the paths they touch. */
const BY_PATH: readonly ToolKind[] = ["read", "edit", "delete", "move", "search"];
const LOOKING: readonly ToolKind[] = ["read", "search"];
const MOST_PATHS = 1000;
/** What an agent says about a command, anew each time. */
const REMARKS = ["description", "reason", "justification", "explanation"];

/** @throws UnreadableToolCallError */
export function toolFactsOf(toolCall: ToolCallInput, workspace: Workspace): ToolFacts {
  const input = inputOf(toolCall);
  const command = commandOf(input);
  const toldKind = TOOL_KINDS.find((kind) => kind === toolCall.kind);
  const kind = command === undefined ? (toldKind ?? "other") : "execute";
  const told = toldPaths(toolCall, input);
  const paths: string[] = [];
  const outside: string[] = [];
  for (const path of told.slice(0, MOST_PATHS)) {
    const resolved = path.startsWith("~") ? undefined : workspace.resolve(path);
    const inside = resolved === undefined ? undefined : insideOf(workspace.root, resolved);
    if (inside === undefined) {
      outside.push(resolved ?? path);
    } else {
      paths.push(inside);
    }
  }
  const title = textOf(toolCall.title);
  return {
    kind,
    toldKind,
    name: nameOf(toolCall),
    title,
    command,
    paths: [...new Set(paths)],
    outside: [...new Set(outside)],
    pathsKnown:
      BY_PATH.includes(kind) &&
      told.length > 0 &&
      told.length <= MOST_PATHS &&
      !(LOOKING.includes(kind) && mayLeadElsewhere(input, told)),
    opaque: kind === "execute" && command === undefined && !isEmpty(input),
    inputHash: inputHashOf(input, command, title, toolCall.content),
  };
}

function insideOf(root: string, path: string): string | undefined {
  if (path === root) {
    return ".";
  }
  const front = root.endsWith("/") ? root : `${root}/`;
  return path.startsWith(front) ? path.slice(front.length) : undefined;
}

function inputHashOf(
  input: unknown,
  command: string | undefined,
  title: string | undefined,
  content: ToolCallInput["content"],
): string | undefined {
  if (!isEmpty(input)) {
    return fingerprint(command === undefined || !isObject(input) ? input : without(input, REMARKS));
  }
  // Gemini tells a command by its title alone.
  return title === undefined ? undefined : fingerprint({ title, content: content ?? [] });
}

function isEmpty(input: unknown): boolean {
  return input === undefined || (isObject(input) && Object.keys(input).length === 0);
}
