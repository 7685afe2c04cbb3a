import { Agent, type IncomingHttpHeaders, request } from "node:http";
import type { RequestHandler } from "express";
import { HttpProblem } from "../http/http-problem.ts";

const ANSWER_WAIT_MS = 30_000;
const RETRY_SECS = 2;
/** RFC 9110, 7.6.1: they concern one connection, not the request. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Passes `/board` on to the board's process, which has a sign-in of its own, and its answer back. */
export function boardProxy(listen: string | undefined): RequestHandler {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const [host, port] = (listen ?? "").split(":");

  return (req, res, next) => {
    if (listen === undefined) {
      next(unavailable());
      return;
    }
    const call = request({
      host,
      port,
      agent,
      method: req.method,
      path: req.originalUrl,
      timeout: ANSWER_WAIT_MS,
      headers: {
        ...endToEnd(req.headers),
        // Whatever the client says of itself: the board trusts these.
        "x-forwarded-for": req.socket.remoteAddress ?? "",
        "x-forwarded-proto": "http",
        "x-forwarded-host": req.headers.host ?? "",
      },
    });
    call.on("response", (answer) => {
      res.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      answer.pipe(res);
      answer.once("error", () => res.destroy());
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => {
      if (res.headersSent) {
        res.destroy();
      } else {
        next(unavailable());
      }
    });
    res.once("close", () => call.destroy());
    req.pipe(call);
  };
}

function unavailable(): HttpProblem {
  return new HttpProblem("board_unavailable", "The board does not answer at the moment.", {
    retryAfter: RETRY_SECS,
  });
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}
