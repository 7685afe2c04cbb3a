import { CHANNEL_EVENT_TYPES, type ChannelEventType } from "@pilotlight/contracts";
import type { EventSourceMessage } from "eventsource-parser";

/** An event of a stream, its data parsed. */
export interface StreamedEvent {
  /** Absent where the server told it from a record whose log is gone. */
  readonly id?: string;
  readonly type: ChannelEventType;
  readonly promptId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Undefined for what a later server may send and this version does not know. */
export function streamedEvent(message: EventSourceMessage): StreamedEvent | undefined {
  const type = message.event as ChannelEventType;
  if (!CHANNEL_EVENT_TYPES.includes(type)) {
    return undefined;
  }
  const data = JSON.parse(message.data) as Record<string, unknown>;
  return {
    ...(message.id === undefined ? {} : { id: message.id }),
    type,
    ...(typeof data.promptId === "string" ? { promptId: data.promptId } : {}),
    data,
  };
}
