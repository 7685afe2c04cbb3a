export const SESSIONS_QUEUE = "sessions";
export const PROMPTS_QUEUE = "prompts";

/** A channel's name on the board: its id, but for channels named like a view. No channel id begins with `~`. */
export function boardNameOf(channel: string): string {
  return channel === SESSIONS_QUEUE || channel === PROMPTS_QUEUE ? `~${channel}` : channel;
}
