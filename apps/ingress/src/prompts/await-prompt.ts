import { type EnqueueInput, StoreUnavailableError } from "@pilotlight/channels";
import { isFinalEventType, isFinalPromptState, type Prompt } from "@pilotlight/contracts";
import type { Response } from "express";
import type { IngressContext } from "../ingress-context.ts";
import { closeEvents, type EventBatches, openEvents } from "../sse/open-events.ts";
import { turnEvents } from "../sse/turn-events.ts";
import { type AcceptedPrompt, acceptPrompt } from "./accept-prompt.ts";

export interface AwaitedPrompt {
  readonly accepted: AcceptedPrompt;
  /** Absent where time was up, or the process drains, before the prompt was final. */
  readonly finished?: Prompt;
}

/** Hands the prompt in and waits for its end, where there is room to wait: waiting is a preference of the caller. */
export async function awaitPrompt(
  context: IngressContext,
  res: Response,
  input: EnqueueInput,
  waitMs: number,
): Promise<AwaitedPrompt> {
  const { client, slots } = context;
  const slot = slots.takeIfFree(res);
  if (slot === undefined) {
    return { accepted: await acceptPrompt(client, input) };
  }
  const timer = setTimeout(() => slot.end(), waitMs);
  let batches: EventBatches | undefined;
  try {
    batches = await openEvents(client, input.channel, { after: "now", signal: slot.signal });
    const accepted = await acceptPrompt(client, input);
    if (accepted.at === "replayed" && isFinalPromptState(accepted.prompt.state)) {
      return { accepted, finished: accepted.prompt };
    }
    const finished = await finishedPrompt(context, input.id, batches);
    return finished === undefined ? { accepted } : { accepted, finished };
  } finally {
    clearTimeout(timer);
    slot.end();
    slot.leave();
    if (batches !== undefined) {
      closeEvents(batches);
    }
  }
}

async function finishedPrompt(
  { client }: IngressContext,
  id: string,
  batches: EventBatches,
): Promise<Prompt | undefined> {
  try {
    for await (const events of turnEvents(client, id, batches)) {
      if (events.some((event) => isFinalEventType(event.type))) {
        return await client.getPrompt(id);
      }
    }
  } catch (error) {
    // It was accepted, and that is what the caller hears: its end can be asked for later.
    if (!(error instanceof StoreUnavailableError)) {
      throw error;
    }
  }
  return undefined;
}
