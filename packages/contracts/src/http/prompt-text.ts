import { z } from "zod";

/**
 * What is sent to an agent: any Unicode text that is not blank. Kept as it came, byte for byte; only NUL is refused,
 * and halves of surrogate pairs, which have no UTF-8 form. How long it may be is a setting (`limits.prompt_bytes`).
 */
export const promptTextSchema = z.string().superRefine((text, context) => {
  const refuse = (code: string, message: string) =>
    context.addIssue({ code: "custom", params: { code }, message });
  if (text.trim() === "") {
    refuse("prompt_required", "must not be empty");
  } else if (text.includes("\0")) {
    refuse("control_character", "must not contain the character NUL");
  } else if (!text.isWellFormed()) {
    refuse("invalid_unicode", "contains half of a surrogate pair");
  }
});
