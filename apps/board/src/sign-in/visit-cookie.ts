import type { CookieOptions, Request } from "express";
import { readCookie } from "../http/read-cookie.ts";

export const VISIT_COOKIE = "pilotlight_board";

export function visitToken(req: Request): string | undefined {
  return readCookie(req.headers.cookie, VISIT_COOKIE);
}

/** Out of reach for scripts, never sent by a link or form of another site, and over TLS only where there is TLS. */
export function visitCookieOptions(req: Request): CookieOptions {
  return { httpOnly: true, sameSite: "strict", path: "/board", secure: req.secure };
}
