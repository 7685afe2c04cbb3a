import type { Request } from "express";
import { HttpProblem } from "./http-problem.ts";

const USABLE = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** @throws HttpProblem for a key that is empty, too long or not printable ASCII */
export function idempotencyKeyOf(req: Request): string | undefined {
  const key = req.headers["idempotency-key"];
  if (key === undefined) {
    return undefined;
  }
  if (typeof key !== "string" || !USABLE.test(key)) {
    throw new HttpProblem(
      "invalid_idempotency_key",
      "An Idempotency-Key has 1 to 255 printable ASCII characters.",
    );
  }
  return key;
}
