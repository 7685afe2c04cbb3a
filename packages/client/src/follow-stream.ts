import { setTimeout as sleep } from "node:timers/promises";
import { isFinalEventType } from "@pilotlight/contracts";
import { ApiError } from "./api-error.ts";
import { type Call, type ClientOptions, send, transportError } from "./connection.ts";
import { readStream } from "./read-stream.ts";
import type { StreamedEvent } from "./streamed-event.ts";

export interface FollowOptions {
  readonly signal?: AbortSignal | undefined;
  /** The event to go on after. */
  readonly after?: string | undefined;
  /** A prompt's stream is over with its final event; a channel's never is. */
  readonly endsWithTurn: boolean;
}

/** Where to connect: first, and again after the event with the given id, knowing the first answer. */
export type CallFor = (lastEventId: string | undefined, first?: Response) => Call;

const CONNECT_WAIT_MS = 15_000;
const FIRST_RETRY_MS = 200;
const MOST_RETRY_MS = 5000;
/** So long a server may be away before the reader gives up. */
const GIVE_UP_AFTER_MS = 60_000;

/**
 * Events in order, over as many connections as it takes: a broken one is opened again after the last event seen.
 * Ends silently when the caller's signal aborts.
 *
 * @throws ApiError where the first connection fails, the server refuses, or stays away for a minute
 */
export async function* followStream(
  options: ClientOptions,
  callFor: CallFor,
  follow: FollowOptions,
): AsyncGenerator<StreamedEvent, void, void> {
  const { signal } = follow;
  let lastEventId = follow.after;
  let opened: Response | undefined;
  let failingSinceMs: number | undefined;
  let delayMs = FIRST_RETRY_MS;
  let hintMs: number | undefined;

  while (!signal?.aborted) {
    try {
      const response = await open(options, callFor(lastEventId, opened), signal);
      if (response.status === 204 || response.body === null) {
        return;
      }
      opened ??= response;
      for await (const part of readStream(response.body)) {
        failingSinceMs = undefined;
        delayMs = FIRST_RETRY_MS;
        if (part.at === "retry") {
          hintMs = part.afterMs;
        } else if (part.at === "id") {
          lastEventId = part.id;
        } else {
          yield part.event;
          if (follow.endsWithTurn && isFinalEventType(part.event.type)) {
            return;
          }
        }
      }
    } catch (error) {
      if (signal?.aborted) {
        return;
      }
      const failure = transportError(error, options.url);
      // Nothing was heard yet: the caller knows best whether to ask again.
      if (opened === undefined || !(failure instanceof ApiError && failure.retryable)) {
        throw failure;
      }
      failingSinceMs ??= performance.now();
      if (performance.now() - failingSinceMs > GIVE_UP_AFTER_MS) {
        throw failure;
      }
      hintMs =
        failure.problem?.retryAfter === undefined ? hintMs : failure.problem.retryAfter * 1000;
    }
    await pause(hintMs ?? delayMs, signal);
    hintMs = undefined;
    delayMs = Math.min(delayMs * 2, MOST_RETRY_MS);
  }
}

/** The deadline is for the headers only; what follows has its own. */
async function open(
  options: ClientOptions,
  call: Call,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new DOMException("no answer", "TimeoutError")),
    CONNECT_WAIT_MS,
  );
  try {
    return await send(options, {
      ...call,
      signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
    });
  } finally {
    clearTimeout(timer);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {
    // Aborted: the loop sees it.
  });
}
