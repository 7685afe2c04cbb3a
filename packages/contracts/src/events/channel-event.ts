/** What the event streams carry, by the `event:` name of the SSE frame. */
export const CHANNEL_EVENT_TYPES = [
  "accepted",
  "started",
  "update",
  "plan",
  "permission",
  "elicitation",
  "waiting",
  "completed",
  "failed",
  "cancelled",
  "interrupted",
  "gap",
] as const;
export type ChannelEventType = (typeof CHANNEL_EVENT_TYPES)[number];

/**
 * One entry of a channel's event log.
 *
 * `id` is the Redis stream id and the SSE id. `data` always names its prompt (`promptId`) except for `gap`,
 * whose data is `{afterId, resumedAtId}`. `started` carries `{promptId, session, attempt, recovery?}`: a further attempt
 * begins the turn's output anew. That of a prompt which is part of another one's turn has `turn` and `delivery`: what goes on there comes as
 * events of that other prompt. `waiting` carries `{promptId, waitingFor, reason}`. An `update` carries `{promptId, update}` with ACP's own session update.
 * A final event carries `{promptId, state, stopReason?, usage?, firstTokenMs?, error?}`; the text is on the record.
 */
export interface ChannelEvent {
  readonly id: string;
  readonly type: ChannelEventType;
  readonly promptId?: string;
  /** JSON text, as it goes on the wire: parsed only by who needs to look inside. */
  readonly data: string;
}

export function isFinalEventType(type: ChannelEventType): boolean {
  return (
    type === "completed" || type === "failed" || type === "cancelled" || type === "interrupted"
  );
}
