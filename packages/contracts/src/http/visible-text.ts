import { z } from "zod";

/** A line that people are shown: no control characters, nothing that turns the direction of what follows. */
export function visibleTextSchema(mostChars: number) {
  return z
    .string()
    .min(1)
    .max(mostChars)
    .refine(
      (text) => text.isWellFormed() && !HIDDEN.test(text),
      "contains a character that is not visible",
    );
}

const HIDDEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
