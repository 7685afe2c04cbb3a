import { type ChatResponse, type Message, Ollama } from "ollama";
import { fromOllamaError } from "./from-ollama-error.ts";
import { httpFetch } from "./http-fetch.ts";

export interface Model {
  readonly name: string;
  /** False for a model that only makes embeddings. */
  readonly chats: boolean;
}

export interface ChatOptions {
  readonly model: string;
  readonly messages: Message[];
  readonly contextTokens: number;
  readonly signal: AbortSignal;
}

/** One Ollama server. What goes wrong comes as an error for people (`fromOllamaError`), or as the abort of the signal. */
export interface OllamaServer {
  /** What `ollama list` would show, the last changed one first. Has a deadline of its own. */
  models(signal?: AbortSignal): Promise<readonly Model[]>;
  /** The answer piece by piece; the last one is `done` and has the counts. No deadline once connected. */
  chat(options: ChatOptions): AsyncGenerator<ChatResponse>;
}

const CONNECT_MS = 3000;
const LIST_MS = 5000;

export function connectOllama(host: string): OllamaServer {
  // A client for each request: the library's own abort does not reach one that has no answer yet.
  const clientFor = (signal: AbortSignal) =>
    new Ollama({ host, fetch: httpFetch({ connectMs: CONNECT_MS, signal }) });

  return {
    async models(signal) {
      const deadline = AbortSignal.timeout(LIST_MS);
      const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
      try {
        const { models } = await clientFor(either).list();
        return models.map(({ name, details }) => ({
          name,
          chats: !/embed/i.test(name) && !(details?.families ?? []).some((it) => /bert/i.test(it)),
        }));
      } catch (error) {
        throw signal?.aborted ? error : fromOllamaError(error, { host });
      }
    },
    async *chat({ model, messages, contextTokens, signal }) {
      const over = new AbortController();
      try {
        yield* await clientFor(AbortSignal.any([signal, over.signal])).chat({
          model,
          messages,
          stream: true,
          options: { num_ctx: contextTokens },
        });
      } catch (error) {
        throw signal.aborted ? error : fromOllamaError(error, { host, model });
      } finally {
        // Also where nobody reads on: Ollama stops when its connection goes.
        over.abort();
      }
    },
  };
}

/** `llama3.2` and `llama3.2:latest` are one model. */
export function sameModel(one: string, other: string): boolean {
  return withTag(one) === withTag(other);
}

function withTag(name: string): string {
  return /:[^/]*$/.test(name) ? name : `${name}:latest`;
}
