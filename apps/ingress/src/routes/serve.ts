import type { RequestHandler, Router } from "express";
import { HttpProblem } from "../http/http-problem.ts";

export interface Methods {
  readonly get?: RequestHandler;
  readonly post?: RequestHandler;
  readonly put?: RequestHandler;
  readonly delete?: RequestHandler;
  /** The GET answer has no end of its own, so there is no HEAD of it. */
  readonly isStream?: boolean;
}

/** Serves a path; methods that it does not have are answered 405. */
export function serve(router: Router, path: string, methods: Methods): void {
  const { get, post, put, delete: remove, isStream = false } = methods;
  const allowed = [
    ...(get === undefined ? [] : isStream ? ["GET"] : ["GET", "HEAD"]),
    ...(post === undefined ? [] : ["POST"]),
    ...(put === undefined ? [] : ["PUT"]),
    ...(remove === undefined ? [] : ["DELETE"]),
  ];
  const refuse: RequestHandler = (req) => {
    throw new HttpProblem(
      "method_not_allowed",
      `${req.method} is not served here; ${allowed.join(", ")} is.`,
      {},
      { allow: allowed.join(", ") },
    );
  };
  const route = router.route(path);
  if (get !== undefined) {
    if (isStream) {
      route.head(refuse);
    }
    route.get(get);
  }
  if (post !== undefined) {
    route.post(post);
  }
  if (put !== undefined) {
    route.put(put);
  }
  if (remove !== undefined) {
    route.delete(remove);
  }
  route.all(refuse);
}
