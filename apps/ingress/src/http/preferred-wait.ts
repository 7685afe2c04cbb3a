import type { Request } from "express";

const MOST_WAIT_SECS = 300;

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 300. A preference that cannot be understood is none. */
export function preferredWaitSecs(req: Request): number {
  const header = req.headers.prefer;
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  const secs = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(text)?.[1];
  return Math.min(Number(secs ?? 0), MOST_WAIT_SECS);
}
