import type { RequestHandler } from "express";
import { sendProblem } from "./send-problem.ts";

/** Ahead of Bull Board's routes: what is not a read does not get to them. */
export const readingOnly: RequestHandler = (req, res, next) => {
  if (req.method === "GET" || req.method === "HEAD") {
    next();
    return;
  }
  res.set("Allow", "GET, HEAD");
  sendProblem(res, "method_not_allowed", "The board only reads.");
};
