import type { EnqueueInput } from "@pilotlight/channels";
import type { Response } from "express";
import type { IngressContext } from "../ingress-context.ts";
import { closeEvents, openEvents } from "../sse/open-events.ts";
import { turnEvents } from "../sse/turn-events.ts";
import { writeStream } from "../sse/write-stream.ts";
import { acceptPrompt } from "./accept-prompt.ts";
import { promptEvents } from "./prompt-events.ts";
import { acceptedHeaders } from "./send-accepted.ts";

/**
 * Streams the turn in the answer. The channel is listened to before the prompt is handed in, so that its first event
 * is there without another question to Redis; headers and first event leave together.
 */
export async function answerWithStream(
  context: IngressContext,
  res: Response,
  input: EnqueueInput,
): Promise<void> {
  const { client, slots, draining } = context;
  const slot = slots.take(res);
  const { signal } = slot;
  try {
    const batches = await openEvents(client, input.channel, { after: "now", signal });
    const accepted = await acceptPrompt(client, input).catch((error: unknown) => {
      closeEvents(batches);
      throw error;
    });
    for (const [name, value] of Object.entries(acceptedHeaders(accepted))) {
      res.setHeader(name, value);
    }
    if (accepted.at === "new") {
      await writeStream(res, turnEvents(client, input.id, batches), draining);
    } else {
      closeEvents(batches);
      const earlier = await promptEvents(context, accepted.prompt, undefined, signal);
      await writeStream(res, earlier.batches, draining);
    }
  } finally {
    slot.leave();
  }
}
