import { apiKeyMatches, digestApiKey, parseApiKey } from "@pilotlight/contracts";
import type { RequestHandler } from "express";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { HttpProblem } from "../http/http-problem.ts";

const MOST_FAILURES = 20;
const WINDOW_SECS = 60;
const BEARER = /^Bearer +(\S+) *$/i;
const CHALLENGE = { "www-authenticate": 'Bearer realm="pilotlight"' };

/**
 * Only who sends the key gets further; its id is in `res.locals.keyId` from here on. All failures look alike. Wrong
 * keys are counted by address: past the limit they are answered 429, while the right key still opens.
 */
export function authenticate(apiKey: string): RequestHandler {
  const keyId = parseApiKey(apiKey)?.id;
  const digest = digestApiKey(apiKey);
  const failures = new RateLimiterMemory({ points: MOST_FAILURES, duration: WINDOW_SECS });

  return async (req, res, next) => {
    const presented = BEARER.exec(req.headers.authorization ?? "")?.[1];
    if (presented !== undefined && apiKeyMatches(presented, digest)) {
      res.locals.keyId = keyId;
      next();
      return;
    }
    if (req.headers.authorization !== undefined) {
      await countFailure(failures, req.socket.remoteAddress ?? "unknown");
    }
    throw new HttpProblem(
      "unauthenticated",
      "Send the API key as: Authorization: Bearer plk_...",
      {},
      CHALLENGE,
    );
  };
}

async function countFailure(failures: RateLimiterMemory, address: string): Promise<void> {
  const { remainingPoints, msBeforeNext, consumedPoints } = await failures.penalty(address);
  if (remainingPoints <= 0 && consumedPoints > MOST_FAILURES) {
    throw new HttpProblem("rate_limited", "Too many wrong keys came from this address.", {
      retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)),
    });
  }
}
