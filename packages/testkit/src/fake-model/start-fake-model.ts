import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultScript, type ModelScript, replyTo } from "./default-script.ts";
import { isTurnRequest, type ModelRequest } from "./model-request.ts";
import { streamReply, wholeReply } from "./stream-reply.ts";

/** A model provider on loopback that speaks the Anthropic Messages API. */
export interface FakeModel {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  /** Every Messages request so far, oldest first, as it was received. */
  readonly requests: readonly ModelRequest[];
  /** Those of them that belong to turns. */
  readonly turns: readonly ModelRequest[];
  /** From now on turns are met this way; without a script in the default way. */
  respondWith(script?: ModelScript): void;
  /** Ends it and every open connection. */
  close(): Promise<void>;
}

/** Starts it on a free port. Without a script it tells what it has been shown (`defaultScript`). */
export async function startFakeModel(script: ModelScript = defaultScript): Promise<FakeModel> {
  const requests: ModelRequest[] = [];
  let current = script;
  const server = createServer((request, response) => {
    void answer(request, response, (received) => {
      requests.push(received);
      return replyTo(received, current);
    }).catch(() => response.destroy()); // a request cut off half way has nobody to answer
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get turns() {
      return requests.filter(isTurnRequest);
    },
    respondWith(next = defaultScript) {
      current = next;
    },
    close: () => closeServer(server),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  decide: (received: ModelRequest) => ReturnType<ModelScript>,
): Promise<void> {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const body = await readBody(request);
  if (request.method === "POST" && path.endsWith("/v1/messages/count_tokens")) {
    sendJson(response, 200, { input_tokens: Math.ceil(body.length / 4) });
    return;
  }
  if (request.method !== "POST" || !path.endsWith("/v1/messages")) {
    sendError(response, 404, "not_found_error");
    return;
  }
  const received = JSON.parse(body) as ModelRequest;
  const reply = decide(received);
  if (reply.kind === "error") {
    sendError(response, reply.status, reply.type);
  } else if (received.stream === true) {
    await streamReply(response, received.model, reply);
  } else {
    sendJson(response, 200, wholeReply(received.model, reply.parts));
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, type: string): void {
  sendJson(response, status, {
    type: "error",
    error: { type, message: `the fake model says ${status}` },
  });
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
