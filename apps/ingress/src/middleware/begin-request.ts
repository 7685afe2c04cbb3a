import { randomUUID } from "node:crypto";
import type { Logger } from "@pilotlight/lifecycle";
import type { RequestHandler } from "express";
import { pathOf } from "../http/path-of.ts";

/** Gives the request its id and the headers of every answer; one line of log at debug, prompt and query left out. */
export function beginRequest(log: Logger): RequestHandler {
  const isLogged = log.isLevelEnabled("debug");
  return (req, res, next) => {
    const requestId = randomUUID();
    res.locals.requestId = requestId;
    res.setHeader("x-request-id", requestId);
    res.setHeader("x-content-type-options", "nosniff");
    res.setHeader("cache-control", "no-store");
    if (isLogged) {
      const startedAtMs = performance.now();
      res.once("close", () => {
        const ms = Math.round((performance.now() - startedAtMs) * 10) / 10;
        const { method } = req;
        log.debug(
          { requestId, method, path: pathOf(req.originalUrl), status: res.statusCode, ms },
          "answered",
        );
      });
    }
    next();
  };
}
