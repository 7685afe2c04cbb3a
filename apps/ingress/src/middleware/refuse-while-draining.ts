import type { RequestHandler } from "express";
import { HttpProblem } from "../http/http-problem.ts";

const RETRY_SECS = 2;

/** On connections that were open before: what is under way is finished, nothing new begins. */
export function refuseWhileDraining(draining: AbortSignal): RequestHandler {
  return (_req, _res, next) => {
    if (draining.aborted) {
      throw new HttpProblem(
        "draining",
        "This process is shutting down; another one will answer.",
        { retryAfter: RETRY_SECS },
        {},
        true,
      );
    }
    next();
  };
}
