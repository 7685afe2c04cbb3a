import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Message {
  /** `context`: background that came along with a message, such as a recap. */
  readonly role: "user" | "assistant" | "context";
  readonly text: string;
}

/** What one session remembers. */
export interface Conversation {
  readonly sessionId: string;
  readonly cwd: string;
  readonly messages: readonly Message[];
  /** Remembers a message, on disk first. */
  add(message: Message): void;
}

const SESSION_ID = /^demo-[0-9a-f-]{36}$/;

export function conversationFile(home: string, sessionId: string): string {
  return join(home, "sessions", `${sessionId}.jsonl`);
}

/** A conversation that is nowhere but in memory until its first message: like real agents, it cannot be resumed before. */
export function newConversation(home: string, sessionId: string, cwd: string): Conversation {
  return conversation(home, sessionId, cwd, [], false);
}

/** The conversation that an earlier process left under this id; `undefined` where there is none. */
export function readConversation(home: string, sessionId: string): Conversation | undefined {
  const file = conversationFile(home, sessionId);
  if (!SESSION_ID.test(sessionId) || !existsSync(file)) {
    return undefined;
  }
  const lines = readFileSync(file, "utf8").split("\n");
  const head = parseLine(lines.shift() ?? "");
  if (typeof head?.cwd !== "string") {
    return undefined;
  }
  const messages = lines.map((line): unknown => parseLine(line)).filter(isMessage);
  return conversation(home, sessionId, head.cwd, messages, true);
}

function conversation(
  home: string,
  sessionId: string,
  cwd: string,
  messages: Message[],
  stored: boolean,
): Conversation {
  const file = conversationFile(home, sessionId);
  let begun = stored;
  return {
    sessionId,
    cwd,
    messages,
    add(message) {
      if (!begun) {
        mkdirSync(join(home, "sessions"), { recursive: true, mode: 0o700 });
        appendFileSync(file, `${JSON.stringify({ sessionId, cwd })}\n`, { mode: 0o600 });
        begun = true;
      }
      appendFileSync(file, `${JSON.stringify(message)}\n`);
      messages.push(message);
    },
  };
}

/** A process that was killed while it wrote leaves a torn last line: it is skipped. */
function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is Message {
  const message = value as Partial<Message> | undefined;
  return (
    (message?.role === "user" || message?.role === "assistant" || message?.role === "context") &&
    typeof message.text === "string"
  );
}
