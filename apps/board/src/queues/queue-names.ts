import { queueNameOf } from "@pilotlight/channels";

export const SESSIONS_QUEUE = "sessions";
export const PROMPTS_QUEUE = "prompts";

/** A channel's name on the board, which no other queue of the board has. */
export function boardNameOf(channel: string): string {
  const name = queueNameOf(channel);
  // No encoded name has anything but two hexadecimal digits behind `~`.
  return name === SESSIONS_QUEUE || name === PROMPTS_QUEUE ? `~${name}` : name;
}
