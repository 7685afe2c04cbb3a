import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface ScriptedServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** Answers the first request with the first answer and so on; further ones with the last. */
export async function startScriptedServer(...answers: readonly Answer[]): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (message, response) => {
    let body = "";
    for await (const chunk of message) {
      body += chunk;
    }
    const { method = "", url = "", headers } = message;
    const request = { method, url, headers, body };
    seen.push(request);
    answers[Math.min(seen.length, answers.length) - 1]?.(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export const json =
  (status: number, body: unknown): Answer =>
  (response) => {
    response.writeHead(status, {
      "content-type": status < 400 ? "application/json" : "application/problem+json",
    });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

export function problem(status: number, code: string, more: object = {}): Answer {
  return json(status, { type: "t", title: "T", status, detail: "because", code, ...more });
}

export function frame(n: number, type: string, data: object = {}): string {
  return `id: ${n}-0\nevent: ${type}\ndata: ${JSON.stringify({ promptId: "p_1", n, ...data })}\n\n`;
}

export type StreamEnd = "end" | "break" | "stay";

/** An SSE answer of these pieces; `break` cuts the connection in the middle. */
export const stream =
  (
    pieces: readonly (string | Buffer)[],
    end: StreamEnd,
    headers: Record<string, string> = {},
  ): Answer =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    const write = (index: number) => {
      const piece = pieces[index];
      if (piece !== undefined) {
        response.write(piece, () => setImmediate(write, index + 1));
      } else if (end === "end") {
        response.end();
      } else if (end === "break") {
        response.destroy();
      }
    };
    response.flushHeaders();
    write(0);
  };
