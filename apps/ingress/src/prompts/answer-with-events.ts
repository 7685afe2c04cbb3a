import { StoreUnavailableError } from "@pilotlight/channels";
import { isFinalPromptState } from "@pilotlight/contracts";
import { withDeadline } from "@pilotlight/lifecycle";
import type { Response } from "express";
import { promptNotFound } from "../http/prompt-id-of.ts";
import type { IngressContext } from "../ingress-context.ts";
import type { EventBatches } from "../sse/open-events.ts";
import { beginStream, writeStream } from "../sse/write-stream.ts";
import { promptEvents } from "./prompt-events.ts";

const FIRST_PAGE_WAIT_MS = 2000;

/** Streams the events of a prompt that was accepted earlier, until its final one. */
export async function answerWithEvents(
  context: IngressContext,
  res: Response,
  promptId: string,
  lastEventId: string | undefined,
): Promise<void> {
  const { client, slots, draining } = context;
  const prompt = await client.getPrompt(promptId);
  if (prompt === undefined) {
    throw promptNotFound();
  }
  const slot = slots.take(res);
  try {
    const { from, batches } = await promptEvents(context, prompt, lastEventId, slot.signal);
    let events = batches;
    if (isFinalPromptState(prompt.state)) {
      const first = await firstBatch(batches);
      if (first.done) {
        // The client has seen the end: this answer tells an EventSource to stop coming back.
        res.writeHead(204).end();
        return;
      }
      events = continued(first.value, batches);
    } else {
      beginStream(res, from);
    }
    await writeStream(res, events, draining);
  } finally {
    slot.end();
    slot.leave();
  }
}

function firstBatch(events: EventBatches): ReturnType<EventBatches["next"]> {
  return withDeadline(
    events.next(),
    FIRST_PAGE_WAIT_MS,
    () => new StoreUnavailableError("the log of events cannot be read", "none", "silent"),
  );
}

async function* continued<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  yield first;
  yield* rest;
}
