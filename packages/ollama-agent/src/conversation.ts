import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from "node:fs";
import {
  conversationFile,
  type Head,
  isHead,
  type Line,
  readConversationFile,
  sessionsDir,
} from "./conversation-file.ts";
import { createHistory, type History, type Message } from "./history.ts";

/** What one session remembers: all of it on disk, the newest part in memory. */
export interface Conversation {
  readonly sessionId: string;
  readonly cwd: string;
  readonly systemPrompt: string | undefined;
  /** The model that was chosen for this session, if one was. */
  readonly model: string | undefined;
  readonly messages: History["messages"];
  chooseModel(model: string): void;
  /** Remembers a prompt, on disk first. */
  hear(text: string): void;
  /** Remembers a piece of the answer, on disk first. */
  say(piece: string): void;
}

export interface ConversationPlace {
  readonly home: string;
  /** How much of the conversation is held in memory. */
  readonly maxTokens: number;
}

/** A conversation that is nowhere but in memory until its first prompt: like real agents', it cannot be resumed before. */
export function newConversation(place: ConversationPlace, head: Head): Conversation {
  return conversation(place, head, createHistory(place.maxTokens), false);
}

/** The conversation that an earlier process left under this id; `undefined` where there is none. */
export async function readConversation(
  place: ConversationPlace,
  sessionId: string,
): Promise<Conversation | undefined> {
  const file = conversationFile(place.home, sessionId);
  if (file === undefined || !existsSync(file)) {
    return undefined;
  }
  const history = createHistory(place.maxTokens);
  let head: Head | undefined;
  for await (const line of readConversationFile(file)) {
    if (isHead(line)) {
      head ??= line;
    } else if ("model" in line) {
      head = head === undefined ? undefined : { ...head, model: line.model };
    } else {
      history.add(line);
    }
  }
  return head === undefined ? undefined : conversation(place, head, history, true);
}

function conversation(
  { home }: ConversationPlace,
  head: Head,
  history: History,
  stored: boolean,
): Conversation {
  const { sessionId, cwd, systemPrompt } = head;
  const file = conversationFile(home, sessionId);
  if (file === undefined) {
    throw new Error(`${sessionId} is no session id of ours`);
  }
  let model = head.model;
  let begun = stored;
  let whole = !stored || endsWhole(file);

  function write(line: Line): void {
    if (!begun) {
      mkdirSync(sessionsDir(home), { recursive: true, mode: 0o700 });
      const first: Head = { ...head, ...(model === undefined ? {} : { model }) };
      appendFileSync(file as string, `${JSON.stringify(first)}\n`, { mode: 0o600 });
      begun = true;
    }
    // What follows a torn line must not become part of it. A write that fails may leave one, too.
    const separator = whole ? "" : "\n";
    whole = false;
    appendFileSync(file as string, `${separator}${JSON.stringify(line)}\n`);
    whole = true;
  }

  function remember(message: Message): void {
    write(message);
    history.add(message);
  }

  return {
    sessionId,
    cwd,
    systemPrompt,
    get model() {
      return model;
    },
    messages: history.messages,
    chooseModel(chosen) {
      if (begun) {
        write({ model: chosen });
      }
      model = chosen;
    },
    hear(text) {
      remember({ role: "user", text });
    },
    say(piece) {
      remember({ role: "assistant", text: piece });
    },
  };
}

function endsWhole(file: string): boolean {
  const { size } = statSync(file);
  const last = Buffer.alloc(1);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, last, 0, 1, Math.max(0, size - 1));
  } finally {
    closeSync(descriptor);
  }
  return last.toString() === "\n";
}
