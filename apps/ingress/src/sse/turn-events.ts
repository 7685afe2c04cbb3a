import type { ChannelsClient } from "@pilotlight/channels";
import {
  type ChannelEvent,
  type ChannelEventType,
  isFinalEventType,
  isFinalPromptState,
} from "@pilotlight/contracts";
import { finalEventOf } from "./final-event.ts";
import type { EventBatches } from "./open-events.ts";

/** What a prompt that is part of another one's turn is told of that turn; its beginning and end it has itself. */
const SHARED: ReadonlySet<ChannelEventType> = new Set([
  "update",
  "plan",
  "permission",
  "elicitation",
  "waiting",
]);

/**
 * A prompt's part of its channel's events, up to its final one: its own, and from where it joined another one's turn what
 * goes on there. `joined` is that other prompt where it has joined before. Where a `gap` may have swallowed the final event,
 * it is told from the record.
 */
export async function* turnEvents(
  client: ChannelsClient,
  promptId: string,
  batches: EventBatches,
  joined?: string,
): EventBatches {
  let turn = joined;
  for await (const batch of batches) {
    const events: ChannelEvent[] = [];
    for (const event of batch) {
      if (event.promptId === promptId) {
        events.push(event);
        if (isFinalEventType(event.type)) {
          yield events;
          return;
        }
        turn = event.type === "started" ? turnOf(event) : turn;
      } else if (event.type === "gap" || (event.promptId === turn && SHARED.has(event.type))) {
        events.push(event);
      }
    }
    if (events.length > 0) {
      yield events;
    }
    if (events.some((event) => event.type === "gap")) {
      const prompt = await client.getPrompt(promptId);
      if (prompt !== undefined && isFinalPromptState(prompt.state)) {
        yield [finalEventOf(prompt, prompt.state)];
        return;
      }
      turn = prompt?.turn?.id;
    }
  }
}

/** The prompt whose turn has begun for this one; undefined where that is its own. */
function turnOf({ data }: ChannelEvent): string | undefined {
  return data.includes('"turn":') ? JSON.parse(data).turn?.id : undefined;
}
