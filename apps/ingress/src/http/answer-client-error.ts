import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { HttpProblem } from "./http-problem.ts";
import { problemBody } from "./problem-body.ts";

/** Answers what Node's parser could not read as a request, in the form of every other error, and hangs up. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const problem = problemOfParser(error.code);
  const requestId = randomUUID();
  const body = JSON.stringify(problemBody(problem, { requestId }));
  socket.end(
    [
      `HTTP/1.1 ${problem.status} Refused`,
      "content-type: application/problem+json",
      `content-length: ${Buffer.byteLength(body)}`,
      "x-content-type-options: nosniff",
      "cache-control: no-store",
      `x-request-id: ${requestId}`,
      "connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}

function problemOfParser(code: string | undefined): HttpProblem {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new HttpProblem("headers_too_large", "URL and headers may have 16 KiB together.");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new HttpProblem("request_timeout", "The request did not arrive in time.");
    default:
      return new HttpProblem("http_malformed", "This is not a well-formed HTTP/1.1 request.");
  }
}
