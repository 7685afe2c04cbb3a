import type { RequestHandler } from "express";
import { HttpProblem } from "../http/http-problem.ts";

const ALLOWED_METHODS = "GET, POST";
const EXPOSED_HEADERS = "idempotency-replayed, location, retry-after, x-request-id";
const ALLOWED_HEADERS = "authorization, content-type, idempotency-key, last-event-id, prefer";

/**
 * Browsers name the page that calls: our own (the board) and those of the configuration may, and only the latter get
 * CORS headers. Other clients send no Origin.
 */
export function checkOrigin(allowed: readonly string[]): RequestHandler {
  const origins = new Set(allowed);
  return (req, res, next) => {
    const { origin, host } = req.headers;
    if (origin === undefined) {
      next();
      return;
    }
    if (origins.has(origin)) {
      res.setHeader("access-control-allow-origin", origin);
      res.setHeader("access-control-expose-headers", EXPOSED_HEADERS);
      res.setHeader("vary", "origin");
      if (req.method === "OPTIONS") {
        res.writeHead(204, {
          "access-control-allow-methods": ALLOWED_METHODS,
          "access-control-allow-headers": ALLOWED_HEADERS,
          "access-control-max-age": "600",
        });
        res.end();
        return;
      }
    } else if (origin !== `http://${host}` && origin !== `https://${host}`) {
      throw new HttpProblem("origin_not_allowed", "Pages of this origin may not call.");
    }
    next();
  };
}
