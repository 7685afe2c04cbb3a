export const PROMPTS_QUEUE = "prompts";
export const SESSIONS_QUEUE = "sessions";
export const BLOCKED_QUEUE = "blocked";
export const SCHEDULES_QUEUE = "schedules";
export const QUESTIONS_QUEUE = "questions";
export const WORKERS_QUEUE = "workers";

const VIEWS: readonly string[] = [
  PROMPTS_QUEUE,
  SESSIONS_QUEUE,
  BLOCKED_QUEUE,
  QUESTIONS_QUEUE,
  SCHEDULES_QUEUE,
  WORKERS_QUEUE,
];

/** A channel's name on the board: its id, but for channels named like a view. No channel id begins with `~`. */
export function boardNameOf(channel: string): string {
  return VIEWS.includes(channel) ? `~${channel}` : channel;
}
