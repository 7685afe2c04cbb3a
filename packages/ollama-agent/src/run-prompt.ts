import {
  type AgentContext,
  methods,
  type PromptResponse,
  RequestError,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";
import type { ChatResponse, Message as OllamaMessage } from "ollama";
import type { OllamaServer } from "./connect-ollama.ts";
import type { Conversation } from "./conversation.ts";
import { noModel } from "./from-ollama-error.ts";
import { newestThatFit, tokensOf } from "./history.ts";
import type { Settings } from "./read-settings.ts";

export interface RunPromptOptions {
  readonly conversation: Conversation;
  readonly server: OllamaServer;
  readonly settings: Settings;
  /** The model where neither the session nor the settings name one. */
  pickModel(signal: AbortSignal): Promise<string | undefined>;
  readonly client: AgentContext;
  readonly signal: AbortSignal;
}

/** What a model may say in one turn. One that repeats itself for ever must not fill memory and disk. */
const MAX_ANSWER_CHARS = 4 * 1_048_576;

/** One turn. The prompt is remembered before Ollama hears it, and each piece of the answer before the client does. */
export async function runPrompt(
  prompt: string,
  options: RunPromptOptions,
): Promise<PromptResponse & { usage?: object }> {
  const { conversation, server, settings, signal } = options;
  refuseTooLong(prompt, conversation.systemPrompt, settings.contextTokens);
  conversation.hear(prompt);
  try {
    const model = conversation.model ?? settings.model ?? (await options.pickModel(signal));
    if (model === undefined) {
      throw noModel();
    }
    const { contextTokens } = settings;
    const messages = messagesFor(conversation, contextTokens);
    return await streamAnswer(server.chat({ model, messages, contextTokens, signal }), options);
  } catch (error) {
    if (signal.aborted) {
      return { stopReason: "cancelled" };
    }
    throw error;
  }
}

async function streamAnswer(
  answer: AsyncGenerator<ChatResponse>,
  { conversation, client, settings, signal }: RunPromptOptions,
): Promise<PromptResponse & { usage?: object }> {
  const send = (update: SessionUpdate) =>
    client.notify(methods.client.session.update, { sessionId: conversation.sessionId, update });
  let chars = 0;
  for await (const { message, ...part } of answer) {
    signal.throwIfAborted();
    const { thinking, content } = message;
    if (thinking) {
      chars += thinking.length;
      await send({ sessionUpdate: "agent_thought_chunk", content: textBlock(thinking) });
    }
    if (content) {
      chars += content.length;
      conversation.say(content);
      await send({ sessionUpdate: "agent_message_chunk", content: textBlock(content) });
    }
    if (part.done) {
      const usage = usageOf(part);
      await send({
        sessionUpdate: "usage_update",
        used: usage.totalTokens,
        size: settings.contextTokens,
      });
      return { stopReason: part.done_reason === "length" ? "max_tokens" : "end_turn", usage };
    }
    if (chars > MAX_ANSWER_CHARS) {
      break;
    }
  }
  return { stopReason: "max_tokens" };
}

/** The system prompt, and as much of the newest conversation as leaves a quarter of the context for the answer. */
function messagesFor(conversation: Conversation, contextTokens: number): OllamaMessage[] {
  const { systemPrompt, messages } = conversation;
  const room = roomFor(systemPrompt, contextTokens);
  return [
    ...(systemPrompt === undefined ? [] : [{ role: "system", content: systemPrompt }]),
    ...(newestThatFit(messages, room) ?? []).map(({ role, text }) => ({ role, content: text })),
  ];
}

/** Ollama would cut it off at the front and answer as if nothing were missing. */
function refuseTooLong(prompt: string, systemPrompt: string | undefined, contextTokens: number) {
  const needed = tokensOf(prompt);
  const room = roomFor(systemPrompt, contextTokens);
  if (needed > room) {
    throw RequestError.invalidParams(
      { errorKind: "too_long" },
      `the prompt has about ${needed} tokens, and ${Math.max(room, 0)} of the model's context of ${contextTokens} are free for it; a larger one is set by PILOTLIGHT_OLLAMA_CONTEXT`,
    );
  }
}

function roomFor(systemPrompt: string | undefined, contextTokens: number): number {
  const forAnswer = Math.floor(contextTokens / 4);
  return contextTokens - forAnswer - (systemPrompt === undefined ? 0 : tokensOf(systemPrompt));
}

function usageOf(part: Pick<ChatResponse, "prompt_eval_count" | "eval_count">) {
  const inputTokens = part.prompt_eval_count ?? 0;
  const outputTokens = part.eval_count ?? 0;
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
}

function textBlock(text: string) {
  return { type: "text" as const, text };
}
