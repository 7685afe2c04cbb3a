import type { ChannelEventType } from "@pilotlight/contracts";

/** One event of a stream, its data parsed. */
export interface StreamedEvent {
  readonly id: string;
  readonly type: ChannelEventType;
  readonly data: Readonly<Record<string, unknown>>;
}
