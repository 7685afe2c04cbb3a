import { isObject, textOf } from "./json.ts";
import type { ToolCallInput } from "./tool-call.ts";

/** Where the agents that we know put paths: claude, codex, gemini, opencode. */
const PATH_FIELDS = [
  "path",
  "paths",
  "file_path",
  "filePath",
  "filepath",
  "file_paths",
  "notebook_path",
  "absolute_path",
  "dir_path",
  "directory",
  "target_file",
  "source",
  "destination",
  "old_path",
  "new_path",
];
/** Where a command begins. */
const DIRECTORY_FIELDS = ["cwd", "workdir", "working_directory", "directory", "dir_path"];
const PATCH_FIELDS = ["patchText", "patch", "input"];

/** Every path that a tool call tells, as it tells them, each once. */
export function toldPaths(toolCall: ToolCallInput, input: unknown): string[] {
  const told: unknown[] = [];
  for (const location of toolCall.locations ?? []) {
    told.push(isObject(location) ? location.path : undefined);
  }
  for (const part of toolCall.content ?? []) {
    told.push(isObject(part) && part.type === "diff" ? part.path : undefined);
  }
  if (isObject(input)) {
    for (const field of [...PATH_FIELDS, ...DIRECTORY_FIELDS]) {
      const value = input[field];
      told.push(...(Array.isArray(value) ? value : [value]));
    }
    told.push(...changedPaths(input.changes));
    for (const field of PATCH_FIELDS) {
      told.push(...patchedPaths(input[field]));
    }
  }
  return [...new Set(told.flatMap((path) => textOf(path) ?? []).map(withoutScheme))];
}

/** Codex: by path, or as a list. */
function changedPaths(changes: unknown): unknown[] {
  const entries = Array.isArray(changes)
    ? changes.map((change) => [undefined, change] as const)
    : Object.entries(isObject(changes) ? changes : {});
  return entries.flatMap(([path, change]) => {
    const parts = isObject(change) ? [change, ...Object.values(change).filter(isObject)] : [];
    return [path, ...parts.flatMap((part) => [part.path, part.move_path, part.movePath])];
  });
}

/** Headers of the patches that codex and opencode write. */
function patchedPaths(patch: unknown): string[] {
  return typeof patch === "string"
    ? [...patch.matchAll(/^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm)].map(
        ([, path = ""]) => path.trim(),
      )
    : [];
}

function withoutScheme(path: string): string {
  if (!path.startsWith("file://")) {
    return path;
  }
  try {
    return decodeURIComponent(new URL(path).pathname);
  } catch {
    // No address: then it is the odd name of a file.
    return path;
  }
}

/** Whether some text of the input may lead elsewhere than the paths that are told: `/etc/*` as a pattern, `../x`. */
export function mayLeadElsewhere(input: unknown, known: readonly string[]): boolean {
  const waiting = [input];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === "string") {
      const leads = /^([/~]|file:)/.test(next) || next.split(/[/\\]/).includes("..");
      if (leads && !known.includes(withoutScheme(next))) {
        return true;
      }
    } else if (typeof next === "object" && next !== null) {
      for (const inner of Object.values(next)) {
        waiting.push(inner);
      }
    }
  }
  return false;
}
