import express, { type RequestHandler, Router } from "express";
import { sendProblem } from "../http/send-problem.ts";
import type { KeyCheck } from "./key-check.ts";
import { signInPage, signOutPage } from "./pages.ts";
import { returnPath } from "./return-path.ts";
import { VISIT_COOKIE, visitCookieOptions, visitToken } from "./visit-cookie.ts";
import { VISIT_MS, type Visits } from "./visits.ts";

/** `GET|POST /sign-in`, `GET|POST /sign-out`: the only requests of the board that change something, and only here. */
export function signInRoutes(visits: Visits, keys: KeyCheck): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: "4kb", parameterLimit: 4 });

  router.get("/sign-in", (_req, res) => {
    res.type("html").send(signInPage({ returnTo: "/board" }));
  });

  router.post("/sign-in", sameSiteOnly, form, async (req, res) => {
    const returnTo = returnPath(req.body?.next);
    const answer = await keys.check(String(req.body?.key ?? "").trim(), req.ip ?? "");
    switch (answer.at) {
      case "right":
        res.cookie(VISIT_COOKIE, visits.begin(performance.now()), {
          ...visitCookieOptions(req),
          maxAge: VISIT_MS,
        });
        res.redirect(303, returnTo);
        return;
      case "wrong":
        res.status(401).set("WWW-Authenticate", "Bearer").type("html");
        res.send(signInPage({ returnTo, fault: "That is not the key." }));
        return;
      case "limited": {
        const minutes = Math.ceil(answer.retryAfterSecs / 60);
        res.status(429).set("Retry-After", String(answer.retryAfterSecs)).type("html");
        res.send(
          signInPage({ returnTo, fault: `Too many failed tries. Try again in ${minutes} min.` }),
        );
      }
    }
  });

  router.get("/sign-out", (_req, res) => {
    res.type("html").send(signOutPage());
  });

  router.post("/sign-out", sameSiteOnly, (req, res) => {
    visits.end(visitToken(req) ?? "");
    res.clearCookie(VISIT_COOKIE, visitCookieOptions(req));
    res.redirect(303, "/board/sign-in");
  });

  return router;
}

/** A form of another site can neither sign somebody in nor out. Clients that are no browsers do not say. */
const sameSiteOnly: RequestHandler = (req, res, next) => {
  const site = req.headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") {
    next();
    return;
  }
  sendProblem(res, "origin_not_allowed", "This form belongs to another site.");
};
