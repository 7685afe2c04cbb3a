import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelEventType } from "@pilotlight/contracts";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { ApiError } from "./api-error.ts";
import { type ApiAddress, callApi } from "./call-api.ts";
import type { StreamedEvent } from "./streamed-event.ts";

export interface StreamOptions {
  readonly signal?: AbortSignal;
  /** Begin after this event id. */
  readonly after?: string;
}

const RECONNECT_MS = 500;
const MOST_FAILURES = 60;

/**
 * The events of an SSE route. A broken connection is opened again after the last event seen, so none is missed or seen
 * twice; ends when the signal aborts or `isLast` says so.
 *
 * @throws ApiError when the API refuses, or stays away for half a minute.
 */
export async function* readStream(
  address: ApiAddress,
  path: string,
  options: StreamOptions,
  isLast: (event: StreamedEvent) => boolean,
): AsyncGenerator<StreamedEvent, void, void> {
  let after = options.after;
  let failures = 0;
  const isAborted = () => options.signal?.aborted === true;
  while (!isAborted()) {
    try {
      for await (const event of readOnce(address, path, after, options.signal)) {
        failures = 0;
        after = event.id;
        yield event;
        if (isLast(event)) {
          return;
        }
      }
    } catch (error) {
      if (isAborted()) {
        return;
      }
      const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
      failures += 1;
      if (refused || failures > MOST_FAILURES) {
        throw error;
      }
    }
    await sleep(RECONNECT_MS);
  }
}

async function* readOnce(
  address: ApiAddress,
  path: string,
  after: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamedEvent, void, void> {
  const response = await callApi(address, path, {
    headers: {
      accept: "text/event-stream",
      ...(after === undefined ? {} : { "last-event-id": after }),
    },
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.body === null) {
    return;
  }
  const frames = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const frame of frames) {
    if (frame.id !== undefined && frame.event !== undefined) {
      yield {
        id: frame.id,
        type: frame.event as ChannelEventType,
        data: JSON.parse(frame.data) as Record<string, unknown>,
      };
    }
  }
}
