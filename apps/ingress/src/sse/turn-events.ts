import type { ChannelsClient } from "@pilotlight/channels";
import { type ChannelEvent, isFinalEventType, isFinalPromptState } from "@pilotlight/contracts";
import { finalEventOf } from "./final-event.ts";
import type { EventBatches } from "./open-events.ts";

/**
 * A prompt's part of its channel's events, up to its final one. Where a `gap` may have swallowed that, it is told from
 * the record.
 */
export async function* turnEvents(
  client: ChannelsClient,
  promptId: string,
  batches: EventBatches,
): EventBatches {
  for await (const batch of batches) {
    const events = batch.filter((event) => event.promptId === promptId || event.type === "gap");
    const finalAt = events.findIndex((event) => isFinalEventType(event.type));
    if (finalAt >= 0) {
      yield events.slice(0, finalAt + 1);
      return;
    }
    if (events.length > 0) {
      yield events;
    }
    if (events.some((event) => event.type === "gap")) {
      const final = await finalFromRecord(client, promptId);
      if (final !== undefined) {
        yield [final];
        return;
      }
    }
  }
}

async function finalFromRecord(
  client: ChannelsClient,
  promptId: string,
): Promise<ChannelEvent | undefined> {
  const prompt = await client.getPrompt(promptId);
  return prompt !== undefined && isFinalPromptState(prompt.state)
    ? finalEventOf(prompt, prompt.state)
    : undefined;
}
