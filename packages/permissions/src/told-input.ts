import { isObject, type JsonObject, textOf } from "./json.ts";
import type { ToolCallInput } from "./tool-call.ts";

/** Ids that say which call it is, not what it does (codex sends its whole event as the input). */
const CALL_IDS = ["turn_id", "turnId", "approval_id", "approvalId"];

/** The tool's input without what differs from call to call: shown, and part of the fingerprint. */
export function inputOf({ toolCallId, rawInput }: ToolCallInput): unknown {
  if (!isObject(rawInput)) {
    return rawInput ?? undefined;
  }
  const own = Object.keys(rawInput).filter((key) => rawInput[key] === toolCallId);
  if (own.length === 0) {
    return rawInput;
  }
  return without(rawInput, [...own, ...CALL_IDS]);
}

export function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** What a shell would run, where the input holds that. */
export function commandOf(input: unknown): string | undefined {
  if (!isObject(input)) {
    return undefined;
  }
  for (const key of ["command", "cmd"]) {
    const value = input[key];
    const text = Array.isArray(value) ? joined(value) : textOf(value);
    if (text !== undefined) {
      return text;
    }
  }
  return undefined;
}

/** `bash -lc SCRIPT` is its script: this is what people know it by. */
function joined(words: readonly unknown[]): string | undefined {
  if (words.length === 0 || !words.every((word) => typeof word === "string")) {
    return undefined;
  }
  const [shell = "", flag = "", script = ""] = words;
  return words.length === 3 && /(^|\/)(ba|z|da|k)?sh$/.test(shell) && /^-l?c$/.test(flag)
    ? script
    : words.map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The tool's own name. Claude's adapter tells it beside the protocol. */
export function nameOf({ name, _meta }: ToolCallInput): string | undefined {
  const claude = _meta?.claudeCode;
  return textOf(name) ?? (isObject(claude) ? textOf(claude.toolName) : undefined);
}
