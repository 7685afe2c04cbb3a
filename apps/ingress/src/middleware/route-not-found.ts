import type { RequestHandler } from "express";
import { invalidChannel } from "../http/channel-of.ts";
import { HttpProblem } from "../http/http-problem.ts";
import { pathOf } from "../http/path-of.ts";

/** Channel routes whose channel is empty or holds slashes match no route; the caller should hear why. */
const CHANNEL_ROUTES = [
  /^\/v1\/channels\/.*\/(?:prompts|events|warm|cool)$/,
  /^\/webhook\/session\//,
];

export const routeNotFound: RequestHandler = (req) => {
  const path = pathOf(req.originalUrl);
  if (CHANNEL_ROUTES.some((route) => route.test(path))) {
    throw invalidChannel();
  }
  throw new HttpProblem("route_not_found", "Nothing is served under this path.");
};
