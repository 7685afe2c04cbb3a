/**
 * What becomes of a turn whose agent has hit its usage limit.
 *
 * - `park`: its channel waits until the limit is reset
 * - `move`: the channel's next agent takes it; where there is none, the channel waits
 */
export const LIMIT_POLICIES = ["park", "move"] as const;
export type LimitPolicy = (typeof LIMIT_POLICIES)[number];
