import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { ToolCall, ToolKind } from "@agentclientprotocol/sdk";

/** A tool call that is to be asked for, and what it does where it is allowed. */
export interface PlannedCall {
  readonly toolCall: ToolCall;
  perform(): void;
}

/** The tools that a coding agent has, by the kinds of what they do. */
const NAMES: Readonly<Record<string, string>> = {
  edit: "Write",
  execute: "Bash",
  read: "Read",
  search: "Grep",
  fetch: "WebFetch",
};

/**
 * What `[[permission KIND TARGET...]]` is about: for `execute` the target is a command, which is never run; for every other
 * kind a path, relative to the session's directory. `edit` appends a line to it, though nowhere outside of that directory.
 */
export function planCall(cwd: string, kind: string, target: readonly string[]): PlannedCall {
  const common = {
    toolCallId: `call-${randomUUID()}`,
    kind: kind as ToolKind,
    status: "pending" as const,
    ...(NAMES[kind] === undefined ? {} : { name: NAMES[kind] }),
  };
  const nothing = () => undefined;
  if (target.length === 0) {
    return { toolCall: { ...common, title: `Permission to ${kind}` }, perform: nothing };
  }
  if (kind === "execute") {
    const command = target.join(" ");
    return { toolCall: { ...common, title: command, rawInput: { command } }, perform: nothing };
  }
  const [name = ""] = target;
  const path = resolve(cwd, name);
  const located = { ...common, locations: [{ path }] };
  if (kind !== "edit") {
    return {
      toolCall: { ...located, title: `${capital(kind)} ${name}`, rawInput: { path } },
      perform: nothing,
    };
  }
  const title = `Append a line to ${name}`;
  const content = `${title}\n`;
  return {
    toolCall: {
      ...located,
      title,
      rawInput: { path, content },
      content: [{ type: "diff", path, newText: content }],
    },
    perform: () => {
      if (isInside(cwd, path)) {
        mkdirSync(dirname(path), { recursive: true });
        appendFileSync(path, content);
      }
    },
  };
}

function isInside(cwd: string, path: string): boolean {
  const way = relative(cwd, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
