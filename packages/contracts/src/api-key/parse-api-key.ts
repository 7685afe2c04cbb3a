import { API_KEY_PATTERN, apiKeyChecksum } from "./api-key-format.ts";

/** What may be known of a key by looking at it. */
export interface ParsedApiKey {
  /** Names the key in logs and listings; not secret. */
  readonly id: string;
}

/** Undefined for a text that cannot be a key: another form, or a typing error that the checksum shows. */
export function parseApiKey(text: string): ParsedApiKey | undefined {
  const match = API_KEY_PATTERN.exec(text);
  const [, id, , checksum] = match ?? [];
  if (id === undefined || checksum === undefined) {
    return undefined;
  }
  return apiKeyChecksum(text.slice(0, -checksum.length)) === checksum ? { id } : undefined;
}
