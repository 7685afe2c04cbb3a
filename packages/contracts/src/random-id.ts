const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** 26 characters of Crockford's base 32 for 16 bytes. */
export function encodeId(bytes: Buffer): string {
  let value = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let i = 0; i < 26; i += 1) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}
