import type { ChannelEvent } from "@pilotlight/contracts";
import type { Response } from "express";
import { encodeEvent } from "./encode-event.ts";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // Proxies must pass each event on at once.
  "x-accel-buffering": "no",
} as const;

/** Characters that are written at once; what is held for a slow client stays near this. */
const MOST_PER_WRITE = 65_536;
/** A client that takes nothing for so long is not coming back. */
const STALLED_MS = 60_000;
/** Told to clients of a process that goes away. */
const RECONNECT_MS = 1000;

/** Begins the answer where it has not begun. The headers leave with the first write. */
function begin(res: Response): void {
  if (!res.headersSent) {
    res.writeHead(200, HEADERS);
  }
}

/**
 * Tells the client that it is listening, before there is anything to hear, and after which event: an id without data
 * is no event, but what a client names that has to come back.
 */
export function beginStream(res: Response, afterEventId: string): void {
  begin(res);
  res.write(`:\nid: ${afterEventId}\n\n`);
}

/**
 * Writes what comes, as fast as the client takes it, and ends the answer with it. Nothing is pulled ahead of the
 * client: a slow one costs one batch of memory.
 */
export async function writeStream(
  res: Response,
  batches: AsyncIterable<readonly ChannelEvent[]>,
  draining: AbortSignal,
): Promise<void> {
  for await (const events of batches) {
    begin(res);
    await writeEvents(res, events);
    if (res.closed) {
      return;
    }
  }
  begin(res);
  res.end(draining.aborted ? `retry: ${RECONNECT_MS}\n\n` : "");
}

async function writeEvents(res: Response, events: readonly ChannelEvent[]): Promise<void> {
  let text = "";
  for (const [index, event] of events.entries()) {
    text += encodeEvent(event);
    if (text.length >= MOST_PER_WRITE || index === events.length - 1) {
      if (!res.write(text) && !res.closed) {
        await roomFor(res);
      }
      text = "";
    }
  }
}

/** Resolves when the client took what was written, or is gone. */
function roomFor(res: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      res.off("drain", done);
      res.off("close", done);
      resolve();
    };
    const timer = setTimeout(() => res.destroy(), STALLED_MS);
    res.on("drain", done);
    res.on("close", done);
  });
}
