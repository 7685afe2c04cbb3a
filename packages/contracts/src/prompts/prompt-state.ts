/**
 * Where a prompt stands.
 *
 * - `accepted`: durable in Redis, its turn has not been dispatched (or returned to the queue)
 * - `running`: the agent works on it
 * - `waiting`: its turn stands still until `waitingFor` is resolved
 * - `completed`, `failed`, `cancelled`, `interrupted`: final
 */
export const PROMPT_STATES = [
  "accepted",
  "running",
  "waiting",
  "completed",
  "failed",
  "cancelled",
  "interrupted",
] as const;

export type PromptState = (typeof PROMPT_STATES)[number];

export const FINAL_PROMPT_STATES = ["completed", "failed", "cancelled", "interrupted"] as const;

export type FinalPromptState = (typeof FINAL_PROMPT_STATES)[number];

export function isFinalPromptState(state: PromptState): state is FinalPromptState {
  return (FINAL_PROMPT_STATES as readonly string[]).includes(state);
}
