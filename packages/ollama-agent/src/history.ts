export interface Message {
  readonly role: "user" | "assistant";
  readonly text: string;
}

/** The newest part of a conversation, as much of it as a model could ever be shown. */
export interface History {
  readonly messages: readonly Message[];
  /** Pieces of one answer that follow each other become one message. */
  add(message: Message): void;
}

/**
 * How many bytes of text stand for a token. Rather too few: English and code have three to four, and what Ollama finds
 * too long it cuts off at the front without a word, the system prompt first.
 */
const BYTES_PER_TOKEN = 3;
/** What a model's template puts around each message. */
const MESSAGE_TOKENS = 8;

/** An estimate that is rather too high. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + MESSAGE_TOKENS;
}

/** Keeps what fits `maxTokens`, and the last message however long it is. */
export function createHistory(maxTokens: number): History {
  const messages: { role: Message["role"]; text: string; tokens: number }[] = [];
  let tokens = 0;

  function append(message: Message): void {
    const last = messages.at(-1);
    if (message.role === "assistant" && last?.role === "assistant") {
      // Only the piece is counted: counting the whole each time would make long answers slow.
      const more = tokensOf(message.text) - MESSAGE_TOKENS;
      last.text += message.text;
      last.tokens += more;
      tokens += more;
      return;
    }
    const counted = { ...message, tokens: tokensOf(message.text) };
    messages.push(counted);
    tokens += counted.tokens;
  }

  return {
    messages,
    add(message) {
      append(message);
      while (tokens > maxTokens && messages.length > 1) {
        tokens -= messages.shift()?.tokens ?? 0;
      }
    },
  };
}

/**
 * The newest messages that fit `maxTokens` together, in their order; an answer whose question does not fit is left out.
 * Undefined where not even the last message fits.
 */
export function newestThatFit(
  messages: readonly Message[],
  maxTokens: number,
): readonly Message[] | undefined {
  let left = maxTokens;
  let from = messages.length;
  while (from > 0) {
    left -= tokensOf(messages[from - 1]?.text ?? "");
    if (left < 0) {
      break;
    }
    from -= 1;
  }
  if (from === messages.length) {
    return undefined;
  }
  const fitting = messages.slice(from);
  return fitting[0]?.role === "assistant" ? fitting.slice(1) : fitting;
}
