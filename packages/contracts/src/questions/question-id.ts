import { randomBytes } from "node:crypto";
import { encodeId } from "../random-id.ts";

/** `qu_` and 26 characters, as prompt ids have them. */
export const QUESTION_ID_PATTERN = /^qu_[0-9a-hjkmnp-tv-z]{26}$/;

export function isQuestionId(text: string): boolean {
  return QUESTION_ID_PATTERN.test(text);
}

export function newQuestionId(): string {
  return `qu_${encodeId(randomBytes(16))}`;
}
