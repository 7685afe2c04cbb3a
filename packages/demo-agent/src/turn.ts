import { setTimeout as sleep } from "node:timers/promises";
import type { AgentContext, SessionUpdate } from "@agentclientprotocol/sdk";
import type { Conversation } from "./conversation.ts";
import type { SessionSettings } from "./session-settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** One running turn, as its steps see it. */
export interface Turn {
  readonly conversation: Conversation;
  readonly settings: SessionSettings;
  readonly client: AgentContext;
  readonly env: Env;
  /** Aborted by `session/cancel`. */
  readonly signal: AbortSignal;
  /** The answer so far, as far as it is remembered. */
  readonly answer: string;
  /** An interrupted request goes on: what is done already is not to be done again. */
  readonly continuing: boolean;
  /** Whether any text was sent. */
  readonly spoke: boolean;
  /** Runs when the turn is over, however it ended. */
  atEnd(action: () => void): void;
  send(update: SessionUpdate): Promise<void>;
  /** Streams the text word by word. Rejects when the turn is cancelled. */
  say(text: string): Promise<void>;
  /** Rejects when the turn is cancelled. */
  pause(ms: number): Promise<void>;
  end(): void;
}

export interface TurnOptions {
  readonly conversation: Conversation;
  readonly settings: SessionSettings;
  readonly client: AgentContext;
  readonly env: Env;
  readonly signal: AbortSignal;
  /** Pause between two words. */
  readonly chunkMs: number;
  readonly continuing: boolean;
}

export function createTurn(options: TurnOptions): Turn {
  const { client, conversation, signal, chunkMs } = options;
  const ending: (() => void)[] = [];
  let answer = "";
  let spoke = false;

  async function send(update: SessionUpdate): Promise<void> {
    spoke ||= update.sessionUpdate === "agent_message_chunk";
    await client.notify("session/update", { sessionId: conversation.sessionId, update });
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal });
  }

  async function say(text: string): Promise<void> {
    const words = `${answer === "" ? "" : " "}${text}`.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
    for (const [index, word] of words.entries()) {
      signal.throwIfAborted();
      if (answer !== "" && (chunkMs > 0 || index % 50 === 49)) {
        // Without a pause between words a cancel would wait until the last one.
        await pause(chunkMs);
      }
      answer += word;
      await send({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: word } });
    }
  }

  return {
    conversation,
    settings: options.settings,
    client,
    env: options.env,
    signal,
    continuing: options.continuing,
    get answer() {
      return answer;
    },
    get spoke() {
      return spoke;
    },
    atEnd: (action) => {
      ending.push(action);
    },
    send,
    say,
    pause,
    end: () => {
      for (const action of ending) {
        action();
      }
    },
  };
}
