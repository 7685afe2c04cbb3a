import { createHash, timingSafeEqual } from "node:crypto";

/** SHA-256: the key has 256 random bits, so a slow hash would only serve who wants to keep us busy. */
export function digestApiKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** Takes the same time wherever the two differ. */
export function apiKeyMatches(presented: string, digest: Buffer): boolean {
  return timingSafeEqual(digestApiKey(presented), digest);
}
