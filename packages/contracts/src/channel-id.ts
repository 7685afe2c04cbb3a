import { z } from "zod";

/** What a channel id must look like; at most 200 characters, case-sensitive. */
export const CHANNEL_ID_PATTERN = /^[A-Za-z0-9!+@#][A-Za-z0-9._:!@#+=~-]{0,199}$/;

/** An addressable conversation: `slack:C042`, `matrix:!room`, `ops`. */
export const channelIdSchema = z.string().regex(CHANNEL_ID_PATTERN);

export function isChannelId(text: string): boolean {
  return CHANNEL_ID_PATTERN.test(text);
}
