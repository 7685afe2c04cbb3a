import { createParser } from "eventsource-parser";
import { type StreamedEvent, streamedEvent } from "./streamed-event.ts";

/** Events as they were read, the place in the log, and how long the server wants us to wait before we come back. */
export type StreamPart =
  | { readonly at: "event"; readonly event: StreamedEvent }
  | { readonly at: "id"; readonly id: string }
  | { readonly at: "retry"; readonly afterMs: number };

/** Three heartbeats of the server. */
const SILENCE_MS = 45_000;
/** An event longer than this is not one of ours. */
const MOST_BUFFERED_CHARS = 64 * 1_048_576;

/** Reads a response until it ends. @throws where the connection breaks, or is silent for longer than three heartbeats */
export async function* readStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamPart> {
  const parts: StreamPart[] = [];
  const parser = createParser({
    maxBufferSize: MOST_BUFFERED_CHARS,
    onEvent(message) {
      const event = streamedEvent(message);
      if (event !== undefined) {
        parts.push({ at: "event", event });
      }
    },
    // Comes ahead of its event, and alone where there is none.
    onId: (id) => parts.push({ at: "id", id }),
    onRetry: (afterMs) => parts.push({ at: "retry", afterMs }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await readWithin(reader, SILENCE_MS);
      if (done) {
        return;
      }
      parser.feed(decoder.decode(value, { stream: true }));
      yield* parts.splice(0);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function readWithin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  ms: number,
): ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => silence.reject(new Error("the stream went silent")), ms);
  try {
    return await Promise.race([reader.read(), silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}
