import type { Request, RequestHandler, Response } from "express";
import { sendProblem } from "../http/send-problem.ts";
import type { KeyCheck } from "./key-check.ts";
import { signInPage } from "./pages.ts";
import { returnPath } from "./return-path.ts";
import { visitToken } from "./visit-cookie.ts";
import type { Visits } from "./visits.ts";

/** Lets through who is signed in, or brings the key as a bearer token. Pages become the sign-in page, the rest 401. */
export function requireVisit(visits: Visits, keys: KeyCheck): RequestHandler {
  return async (req, res, next) => {
    const token = visitToken(req);
    if (token !== undefined && visits.isOpen(token, performance.now())) {
      next();
      return;
    }
    const bearer = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? "")?.[1];
    if (bearer === undefined) {
      askToSignIn(req, res);
      return;
    }
    const answer = await keys.check(bearer, req.ip ?? "");
    switch (answer.at) {
      case "right":
        next();
        return;
      case "wrong":
        res.set("WWW-Authenticate", "Bearer");
        sendProblem(res, "unauthenticated", "The key is missing or not valid.");
        return;
      case "limited":
        res.set("Retry-After", String(answer.retryAfterSecs));
        sendProblem(res, "rate_limited", "Too many failed tries: wait before the next.");
    }
  };
}

function askToSignIn(req: Request, res: Response): void {
  res.set("WWW-Authenticate", "Bearer");
  const isPage = !/^\/(api|static)(\/|$)/.test(req.path) && req.method === "GET";
  if (isPage && req.accepts(["json", "html"]) === "html") {
    res
      .status(401)
      .type("html")
      .send(signInPage({ returnTo: returnPath(req.originalUrl) }));
    return;
  }
  sendProblem(res, "unauthenticated", "The key is missing or not valid.");
}
