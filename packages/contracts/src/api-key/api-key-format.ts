import { crc32 } from "node:zlib";

/**
 * `plk_<id>_<secret><checksum>`, all in Crockford's base 32: an id of 10 characters that may be shown and logged,
 * 52 characters of secret (256 bits), and a checksum of 6 that tells a mistyped key from a wrong one.
 */
export const API_KEY_PATTERN =
  /^plk_([0-9a-hjkmnp-tv-z]{10})_([0-9a-hjkmnp-tv-z]{52})([0-9a-z]{6})$/;

/** Of everything ahead of it. */
export function apiKeyChecksum(idAndSecret: string): string {
  return crc32(idAndSecret).toString(36).padStart(6, "0").slice(-6);
}
