import { randomBytes } from "node:crypto";
import { apiKeyChecksum } from "./api-key-format.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A fresh key with 256 random bits. It is shown once: what verifies it keeps `digestApiKey` of it only. */
export function newApiKey(): string {
  const body = `plk_${randomText(10)}_${randomText(52)}`;
  return body + apiKeyChecksum(body);
}

function randomText(length: number): string {
  // 256 is a multiple of 32: no character is more likely than another.
  return Array.from(randomBytes(length), (byte) => ALPHABET.charAt(byte & 31)).join("");
}
