import type { Request } from "express";

/** Whether the answer is to be streamed: asked for by name, not by a wildcard. */
export function wantsEventStream(req: Request): boolean {
  return /(?:^|[,\s])text\/event-stream\s*(?!;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(
    req.headers.accept ?? "",
  );
}
