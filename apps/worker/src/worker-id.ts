import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

/** New at every start: an incarnation that was given up must never be mistaken for its successor. */
export function newWorkerId(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9.-]/g, "-")
    .slice(0, 40);
  return `${host}-${process.pid}-${randomBytes(4).toString("hex")}`;
}
