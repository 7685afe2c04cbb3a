import type { BoardStore } from "@pilotlight/channels";
import { eventLine } from "../entries/event-line.ts";

/** Entries of a channel's event log that are looked at for one prompt. */
const MOST_EVENTS = 2000;

/** A prompt's events, one line each, and what is missing of them. */
export async function promptLog(store: BoardStore, promptId: string): Promise<string[]> {
  const { events, fromStart, truncated } = await store.listPromptEvents(promptId, MOST_EVENTS);
  if (events.length === 0) {
    return ["The channel's event log no longer holds this prompt's events."];
  }
  return [
    ...(fromStart ? [] : ["(earlier events are no longer in the channel's log)"]),
    ...events.map(eventLine),
    ...(truncated ? ["(later events are left out here)"] : []),
  ];
}
