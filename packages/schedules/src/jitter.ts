import { createHash } from "node:crypto";

/** From 0 up to, not including, 1: always the same for a schedule's due time, and spread over all of them. */
export function jitterFraction(id: string, dueMs: number): number {
  return createHash("sha256").update(`${id}@${dueMs}`).digest().readUInt32BE(0) / 2 ** 32;
}
