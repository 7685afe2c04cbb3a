import { createHash, randomBytes } from "node:crypto";
import { encodeId } from "../random-id.ts";

/** `p_` and 26 characters of Crockford's base 32 (130 bits, of which 128 are used). */
export const PROMPT_ID_PATTERN = /^p_[0-9a-hjkmnp-tv-z]{26}$/;

export function isPromptId(text: string): boolean {
  return PROMPT_ID_PATTERN.test(text);
}

/** A fresh random id for a prompt that came without an idempotency key. */
export function newPromptId(): string {
  return encode(randomBytes(16));
}

/**
 * The id that every request with the same API key, channel and `Idempotency-Key` gets,
 * so that Redis itself refuses to accept the prompt twice.
 */
export function derivePromptId(apiKeyId: string, channel: string, idempotencyKey: string): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([apiKeyId, channel, idempotencyKey]))
    .digest();
  return encode(digest.subarray(0, 16));
}

function encode(bytes: Buffer): string {
  return `p_${encodeId(bytes)}`;
}
