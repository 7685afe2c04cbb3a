import type { Request, Response } from "express";
import type { HttpProblem } from "./http-problem.ts";
import { pathOf } from "./path-of.ts";
import { problemBody } from "./problem-body.ts";

/** How long a client may go on sending a body that is refused, so that it gets to read why. */
const LINGER_MS = 1000;

/** Answers with problem details. Callers of the chat webhook find its own two fields in them too. */
export function sendProblem(req: Request, res: Response, problem: HttpProblem): void {
  const path = pathOf(req.originalUrl);
  const body = problemBody(problem, { instance: path, requestId: res.locals.requestId });
  const text = JSON.stringify(
    path.startsWith("/webhook/") ? { ...body, success: false, message: body.detail } : body,
  );
  // Who announced a body and was not asked for it would otherwise send it where a request is expected.
  const bodyIsStillOut = req.headers.expect !== undefined && !req.complete;
  const closes = problem.closesConnection || bodyIsStillOut;
  res.writeHead(problem.status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(text),
    ...(problem.extras.retryAfter === undefined
      ? {}
      : { "retry-after": String(problem.extras.retryAfter) }),
    ...problem.headers,
    ...(closes ? { connection: "close" } : {}),
  });
  if (closes && !req.complete) {
    lingerThenEnd(req, res, text);
  } else {
    res.end(text);
  }
}

/** Closing while the client still sends would reset the connection and lose the answer. */
function lingerThenEnd(req: Request, res: Response, text: string): void {
  const end = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  req.once("end", end);
  req.once("close", end);
  res.write(text);
  req.resume();
}
