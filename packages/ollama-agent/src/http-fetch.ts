import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { pipeline, Readable, Transform } from "node:stream";

/** No connection came about: nobody listens there, or nobody answers. */
export class UnreachableError extends Error {}

export interface HttpFetchOptions {
  /** How long making a connection may take. What comes after it has no deadline here. */
  readonly connectMs: number;
  /** Ends the request wherever it is. */
  readonly signal: AbortSignal;
}

/** A line of an answer that is streamed, or the whole of one that is not. */
const MAX_PART_BYTES = 4 * 1_048_576;

/**
 * `fetch` as far as the Ollama client needs it. The global one gives up when no headers came for five minutes, and a
 * model that is loaded from disk and reads a long prompt on a slow machine may take longer.
 */
export function httpFetch({ connectMs, signal }: HttpFetchOptions): typeof fetch {
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(String(input));
      const secure = url.protocol === "https:";
      const request = (secure ? requestHttps : requestHttp)(url, {
        method: init.method ?? "GET",
        headers: Object.fromEntries(new Headers(init.headers)),
        // A connection of its own: one that was kept may be dead, and a prompt must not be sent twice.
        agent: false,
        signal,
      });
      let connected = false;
      const timer = setTimeout(() => {
        request.destroy(new Error(`no connection within ${connectMs / 1000} s`));
      }, connectMs);
      request.once("socket", (socket) => {
        socket.once(secure ? "secureConnect" : "connect", () => {
          connected = true;
          clearTimeout(timer);
          // Finds out that the other machine is gone while nothing is sent.
          socket.setKeepAlive(true, 30_000);
        });
      });
      request.on("error", (error) => {
        clearTimeout(timer);
        reject(
          connected || signal.aborted
            ? error
            : new UnreachableError(reasonOf(error), { cause: error }),
        );
      });
      request.once("response", (response) => {
        try {
          resolve(toResponse(response));
        } catch (error) {
          // A status that `Response` refuses, from something that is not Ollama.
          request.destroy();
          reject(error);
        }
      });
      request.end(init.body ?? undefined);
    });
}

function toResponse(message: IncomingMessage): Response {
  const type = message.headers["content-type"] ?? "";
  const body = limited(type.includes("ndjson"));
  pipeline(message, body, () => undefined); // the reader of `body` sees how it ended
  return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    status: message.statusCode ?? 500,
    statusText: message.statusMessage ?? "",
    headers: { "content-type": type },
  });
}

/** Passes on what comes, and fails where a line (`byLine`) or the whole is longer than anything a model says. */
function limited(byLine: boolean): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const newline = byLine ? chunk.lastIndexOf("\n") : -1;
      bytes = newline === -1 ? bytes + chunk.length : chunk.length - newline - 1;
      done(bytes > MAX_PART_BYTES ? new Error("a part of the answer is over 4 MiB") : null, chunk);
    },
  });
}

/** An attempt at several addresses fails with an error that has no words of its own. */
function reasonOf(error: Error & { code?: string; errors?: readonly Error[] }): string {
  return error.message || error.errors?.[0]?.message || error.code || error.name;
}
