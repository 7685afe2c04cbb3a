import { setTimeout as sleep } from "node:timers/promises";
import type { AgentContext, SessionUpdate, StopReason } from "@agentclientprotocol/sdk";
import type { Conversation } from "./conversation.ts";
import type { SessionSettings } from "./session-settings.ts";
import type { Steering } from "./steering.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** One running turn, as its steps see it. */
export interface Turn {
  readonly conversation: Conversation;
  readonly settings: SessionSettings;
  readonly client: AgentContext;
  readonly env: Env;
  /** Aborted by `session/cancel`, and when a message is sent into the turn: what is being done is cut then. */
  readonly signal: AbortSignal;
  /** Aborted by `session/cancel` only. */
  readonly cancelled: AbortSignal;
  /** The answer so far, as far as it is remembered; since the last message that was sent into the turn. */
  readonly answer: string;
  /** An interrupted request goes on: what is done already is not to be done again. */
  readonly continuing: boolean;
  /** Whether any text was sent. */
  readonly spoke: boolean;
  /** Some agents answer a cancel as if nothing had happened. */
  answerCancelWith(stopReason: StopReason): void;
  /** Runs when the turn is over, however it ended. */
  atEnd(action: () => void): void;
  send(update: SessionUpdate): Promise<void>;
  /** Streams the text word by word. Rejects when it is cut. */
  say(text: string): Promise<void>;
  /** Rejects when it is cut. */
  pause(ms: number): Promise<void>;
  /** Goes on with messages that were sent into the turn. */
  goOn(): void;
  end(): void;
}

export interface TurnOptions {
  readonly conversation: Conversation;
  readonly settings: SessionSettings;
  readonly client: AgentContext;
  readonly env: Env;
  readonly cancelled: AbortSignal;
  readonly steering: Steering;
  /** Pause between two words. */
  readonly chunkMs: number;
  readonly continuing: boolean;
  answerCancelWith(stopReason: StopReason): void;
}

export function createTurn(options: TurnOptions): Turn {
  const { client, conversation, cancelled, steering, chunkMs } = options;
  let signal = AbortSignal.any([cancelled, steering.signal]);
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
    const words = `${spoke ? " " : ""}${text}`.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
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
    get signal() {
      return signal;
    },
    cancelled,
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
    answerCancelWith: options.answerCancelWith,
    send,
    say,
    pause,
    goOn: () => {
      answer = "";
      signal = AbortSignal.any([cancelled, steering.signal]);
    },
    end: () => {
      for (const action of ending) {
        action();
      }
    },
  };
}
