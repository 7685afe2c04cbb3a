import type { ChannelsClient } from "@pilotlight/channels";
import { type FinalPromptState, isFinalEventType, type Prompt } from "@pilotlight/contracts";
import { finalEventOf } from "./final-event.ts";
import type { EventBatches } from "./open-events.ts";
import { turnEvents } from "./turn-events.ts";

/**
 * What there is still to tell of a turn that is over. Nothing at all where `after` is a place behind its end; without
 * `after` at least its final event, which the record keeps when the log is gone.
 */
export async function* finishedEvents(
  client: ChannelsClient,
  prompt: Prompt,
  state: FinalPromptState,
  range: {
    readonly from: string;
    readonly isResumed: boolean;
    readonly joined: string | undefined;
    readonly signal: AbortSignal;
  },
): EventBatches {
  const batches = client.streamEvents(prompt.channel, {
    after: range.from,
    signal: range.signal,
    onlyLogged: true,
  });
  for await (const events of turnEvents(client, prompt.id, batches, range.joined)) {
    yield events;
    if (events.some((event) => isFinalEventType(event.type))) {
      return;
    }
  }
  if (!range.isResumed && !range.signal.aborted) {
    yield [finalEventOf(prompt, state)];
  }
}
