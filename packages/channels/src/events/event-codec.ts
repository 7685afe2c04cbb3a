import {
  CHANNEL_EVENT_TYPES,
  type ChannelEvent,
  type ChannelEventType,
} from "@pilotlight/contracts";

/** An event with the id of the one before it, which tells a gap from silence. */
export interface ChainedEvent extends ChannelEvent {
  readonly previousId: string;
}

/** What `publish_events` of `scripts/shared/events.lua` sends: `[[id, previous id, type, prompt id, data], ...]`. */
export function decodeMessage(message: string): ChainedEvent[] {
  const rows = JSON.parse(message) as string[][];
  return rows.map(([id, previousId, type, promptId, data]) =>
    chained(id, previousId, type, promptId, data),
  );
}

/** A reply of XRANGE: `[[id, [field, value, ...]], ...]` with the fields p, t, i, d. */
export function decodeEntries(entries: readonly [string, string[]][]): ChainedEvent[] {
  return entries.map(([id, fields]) => {
    const byName = new Map<string, string>();
    for (let i = 0; i + 1 < fields.length; i += 2) {
      byName.set(fields[i] as string, fields[i + 1] as string);
    }
    return chained(id, byName.get("p"), byName.get("t"), byName.get("i"), byName.get("d"));
  });
}

function chained(
  id: string | undefined,
  previousId: string | undefined,
  type: string | undefined,
  promptId: string | undefined,
  data: string | undefined,
): ChainedEvent {
  if (
    id === undefined ||
    previousId === undefined ||
    data === undefined ||
    !CHANNEL_EVENT_TYPES.includes(type as ChannelEventType)
  ) {
    throw new Error(`entry ${id} of an event log is not one of ours`);
  }
  return {
    id,
    previousId,
    type: type as ChannelEventType,
    data,
    ...(promptId === undefined || promptId === "" ? {} : { promptId }),
  };
}
