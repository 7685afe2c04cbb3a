import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type OllamaChatRequest,
  type OllamaPiece,
  type OllamaReply,
  type OllamaScript,
  recallScript,
} from "./ollama-reply.ts";

/** An Ollama server on loopback, as far as chats and the list of models go. */
export interface FakeOllama {
  /** For `OLLAMA_HOST`. */
  readonly url: string;
  /** Every chat request so far, oldest first. */
  readonly chats: readonly OllamaChatRequest[];
  /** How many chats ended because the client went away. */
  readonly abandoned: number;
  /** From now on chats are met this way; without a script in the default way. */
  respondWith(script?: OllamaScript): void;
  /** From now on it has these models. */
  install(...models: string[]): void;
  /** Ends it and every open connection. */
  close(): Promise<void>;
}

export interface FakeOllamaOptions {
  readonly models?: readonly string[];
  /** A fixed port, to come back where an earlier one was. */
  readonly port?: number;
}

/** Starts it, by default on a free port and with the model `tiny:latest`. It tells what it was shown (`recallScript`). */
export async function startFakeOllama(options: FakeOllamaOptions = {}): Promise<FakeOllama> {
  const chats: OllamaChatRequest[] = [];
  let models: readonly string[] = options.models ?? ["tiny:latest"];
  let script = recallScript;
  let abandoned = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (request.method === "GET" && path === "/api/tags") {
      sendJson(response, 200, { models: models.map(describe) });
      return;
    }
    if (request.method !== "POST" || path !== "/api/chat") {
      sendJson(response, 404, { error: "404 page not found" });
      return;
    }
    const chat = JSON.parse(await readBody(request)) as OllamaChatRequest;
    chats.push(chat);
    response.once("close", () => {
      abandoned += response.writableFinished ? 0 : 1;
    });
    if (!models.includes(chat.model) && !models.includes(`${chat.model}:latest`)) {
      sendJson(response, 404, { error: `model '${chat.model}' not found` });
      return;
    }
    await reply(response, chat, script(chat));
  }

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy()); // cut off half way: nobody to answer
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chats,
    get abandoned() {
      return abandoned;
    },
    respondWith(next = recallScript) {
      script = next;
    },
    install(...names) {
      models = names;
    },
    close: () => closeServer(server),
  };
}

async function reply(
  response: ServerResponse,
  chat: OllamaChatRequest,
  given: OllamaReply,
): Promise<void> {
  if (given.kind === "silence") {
    return;
  }
  if (given.kind === "refusal") {
    sendJson(response, given.status, { error: given.error });
    return;
  }
  const line = (content: object) =>
    new Promise<void>((resolve) => {
      response.write(`${JSON.stringify(content)}\n`, () => resolve());
    });
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  for (const piece of given.pieces) {
    await line({ ...stamp(chat), message: messageOf(piece), done: false });
  }
  if (given.kind === "failure") {
    await line({ error: given.error });
    response.end();
  } else if (given.end === "drop") {
    response.destroy();
  } else if (given.end === "stop-short") {
    response.end();
  } else if (given.end !== "hang") {
    await line({
      ...stamp(chat),
      message: messageOf(""),
      done: true,
      done_reason: given.end,
      // Words stand in for tokens.
      prompt_eval_count: wordsIn(chat.messages.map(({ content }) => content)),
      eval_count: wordsIn(given.pieces.map((piece) => messageOf(piece).content)),
    });
    response.end();
  }
}

function stamp({ model }: OllamaChatRequest): object {
  return { model, created_at: new Date().toISOString() };
}

function messageOf(piece: OllamaPiece): { role: string; content: string; thinking?: string } {
  return typeof piece === "string"
    ? { role: "assistant", content: piece }
    : { role: "assistant", content: "", thinking: piece.thinking };
}

function describe(name: string): object {
  const family = name.includes("embed") ? "nomic-bert" : "llama";
  return { name, model: name, size: 1, digest: "0", details: { family, families: [family] } };
}

function wordsIn(texts: readonly string[]): number {
  return texts.join(" ").split(/\s+/).filter(Boolean).length;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
