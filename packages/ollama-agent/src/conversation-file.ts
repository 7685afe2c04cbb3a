import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { Message } from "./history.ts";

/** The first line of a conversation's file. */
export interface Head {
  readonly sessionId: string;
  readonly cwd: string;
  readonly systemPrompt?: string;
  readonly model?: string;
}

/** Every further line: something said, or another model chosen. Pieces of one answer follow each other. */
export type Line = Message | { readonly model: string };

const SESSION_ID = /^ollama-[0-9a-f-]{36}$/;

/** Longer than any prompt that the protocol lets through. */
const MAX_LINE_CHARS = 64 * 1_048_576;

/** Undefined for an id that is none of ours: it must not lead anywhere else. */
export function conversationFile(home: string, sessionId: string): string | undefined {
  return SESSION_ID.test(sessionId) ? join(sessionsDir(home), `${sessionId}.jsonl`) : undefined;
}

export function sessionsDir(home: string): string {
  return join(home, "sessions");
}

/**
 * The lines of a conversation's file from its beginning, one at a time, so that its length does not matter. What cannot be
 * read is left out: a process that was killed while it wrote leaves a torn line.
 */
export async function* readConversationFile(file: string): AsyncGenerator<Head | Line> {
  for await (const text of linesOf(file)) {
    const value = parse(text);
    if (isHead(value) || isLine(value)) {
      yield value;
    }
  }
}

export function isHead(value: unknown): value is Head {
  const head = value as Partial<Head> | undefined;
  return typeof head?.sessionId === "string" && typeof head.cwd === "string";
}

/** Not `readline`, which also splits at the line separators of Unicode, and JSON leaves those in strings. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(file, { encoding: "utf8" })) {
    const lines = `${rest}${chunk as string}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > MAX_LINE_CHARS) {
      throw new Error("the stored conversation is damaged: one of its lines does not end");
    }
  }
  yield rest;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isLine(value: unknown): value is Line {
  const line = value as { role?: unknown; text?: unknown; model?: unknown } | undefined;
  return (
    typeof line?.model === "string" ||
    ((line?.role === "user" || line?.role === "assistant") && typeof line.text === "string")
  );
}
