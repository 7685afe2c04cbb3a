/**
 * What a prompt does where a turn of its channel runs already.
 *
 * - `queue`: it waits for its place
 * - `steer`: the running turn takes it in, where the agent can; else the channel's `steerFallback`
 * - `interrupt`: the running turn is cancelled, and this one is next
 * - `collect`: it waits until no other came for a moment; what piled up becomes one turn
 */
export const PROMPT_MODES = ["queue", "steer", "interrupt", "collect"] as const;
export type PromptMode = (typeof PROMPT_MODES)[number];

export const STEER_FALLBACKS = ["queue", "interrupt"] as const;
export type SteerFallback = (typeof STEER_FALLBACKS)[number];

/** What became of it. */
export const DELIVERIES = ["queued", "injected", "interrupted", "collected"] as const;
export type Delivery = (typeof DELIVERIES)[number];
