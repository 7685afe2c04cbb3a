import { compareEventIds, NO_EVENT_ID } from "@pilotlight/channels";
import { isFinalPromptState, type Prompt } from "@pilotlight/contracts";
import type { IngressContext } from "../ingress-context.ts";
import { finishedEvents } from "../sse/finished-events.ts";
import { type EventBatches, openEvents } from "../sse/open-events.ts";
import { turnEvents } from "../sse/turn-events.ts";

export interface PromptEvents {
  /** The event after which they begin. */
  readonly from: string;
  readonly batches: EventBatches;
}

/** The events of a prompt that was accepted earlier, from `lastEventId` or from its first one. */
export async function promptEvents(
  { client }: IngressContext,
  prompt: Prompt,
  lastEventId: string | undefined,
  signal: AbortSignal,
): Promise<PromptEvents> {
  const from = lastEventId ?? (await client.eventIdBeforePrompt(prompt.id)) ?? NO_EVENT_ID;
  const joined = joinedBefore(prompt, lastEventId);
  if (isFinalPromptState(prompt.state)) {
    const isResumed = lastEventId !== undefined;
    const range = { from, isResumed, joined, signal };
    return { from, batches: finishedEvents(client, prompt, prompt.state, range) };
  }
  const batches = await openEvents(client, prompt.channel, { after: from, signal });
  return { from, batches: turnEvents(client, prompt.id, batches, joined) };
}

/** The prompt whose turn it was part of already at that event. */
function joinedBefore({ turn }: Prompt, eventId: string | undefined): string | undefined {
  return turn?.eventId !== undefined &&
    eventId !== undefined &&
    compareEventIds(turn.eventId, eventId) <= 0
    ? turn.id
    : undefined;
}
