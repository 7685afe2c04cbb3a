import type { Logger } from "@pilotlight/lifecycle";
import type { ErrorRequestHandler } from "express";
import { problemOf } from "../http/problem-of.ts";
import { sendProblem } from "../http/send-problem.ts";

/** The last word on every request that failed. An answer that has begun can only be broken off. */
export function answerError(log: Logger): ErrorRequestHandler {
  // Express takes a handler for one of errors by its four parameters.
  return (error, req, res, _next) => {
    const problem = problemOf(error);
    const { requestId } = res.locals;
    if (problem.problemCode === "internal_error") {
      log.error({ err: error, requestId }, "a request failed");
    } else if (problem.status >= 500) {
      log.debug({ code: problem.problemCode, err: error.cause, requestId }, "refused");
    }
    if (res.headersSent) {
      res.destroy();
    } else {
      sendProblem(req, res, problem);
    }
  };
}
