import type { ChannelEvent } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { callStore } from "../call-store.ts";
import type { StreamOptions } from "../channels-client.ts";
import { keys } from "../keys.ts";
import { retryPauses } from "../retry-pause.ts";
import { type ChainedEvent, decodeEntries } from "./event-codec.ts";
import type { EventFeed } from "./event-feed.ts";
import { compareEventIds, NO_EVENT_ID } from "./event-id.ts";

/** What one reader may hold back before it is sent to the log instead (bytes of event data). */
const MOST_BUFFERED_BYTES = 256 * 1024;
const PAGE = 200;

/**
 * A reader's view of a channel's events: the log first, then what is published, each exactly once and in order.
 * Each event names its predecessor, so a missed message or a trimmed log shows as a break of the chain: the log is
 * read again, and what it no longer holds becomes one explicit `gap` event.
 *
 * The first array is empty: from then on nothing is missed.
 */
export async function* streamEvents(
  redis: Redis,
  feed: EventFeed,
  channel: string,
  options: StreamOptions,
): AsyncGenerator<readonly ChannelEvent[], void, void> {
  const { signal } = options;
  let buffered: ChainedEvent[] = [];
  let bufferedBytes = 0;
  let readLog = options.after !== "now";
  let notify: () => void = () => undefined;
  let pause = retryPauses(redis);

  const leave = await feed.listen(channel, (events) => {
    for (const event of events) {
      bufferedBytes += event.data.length;
      buffered.push(event);
    }
    if (bufferedBytes > MOST_BUFFERED_BYTES) {
      // A reader this slow gets the rest from the log, page by page, as fast as it takes it.
      buffered = [];
      bufferedBytes = 0;
      readLog = true;
    }
    notify();
  });
  const leaveReconnect = feed.onReconnect(() => {
    readLog = true;
    notify();
  });
  const onAbort = () => notify();
  signal.addEventListener("abort", onAbort);

  try {
    let lastId =
      options.after === "now"
        ? (feed.newestId(channel) ?? (await newestEventId(redis, channel)))
        : options.after;
    options.onListening?.(lastId);
    yield [];
    while (!signal.aborted) {
      if (readLog) {
        const page = await readPage(redis, channel, lastId);
        if (page === undefined) {
          await pause();
          continue;
        }
        pause = retryPauses(redis);
        if (page.length < PAGE) {
          readLog = false;
        }
        if (page.length > 0) {
          lastId = page.at(-1)?.id ?? lastId;
          yield page;
        }
        continue;
      }
      if (options.onlyLogged === true) {
        return;
      }
      if (buffered.length > 0) {
        const events = buffered.filter((event) => compareEventIds(event.id, lastId) > 0);
        buffered = [];
        bufferedBytes = 0;
        if (events[0] !== undefined && events[0].previousId !== lastId) {
          readLog = true;
        } else if (events.length > 0) {
          lastId = events.at(-1)?.id ?? lastId;
          yield events;
        }
        continue;
      }
      await new Promise<void>((resolve) => {
        notify = resolve;
        if (signal.aborted || readLog || buffered.length > 0) {
          resolve();
        }
      });
    }
  } finally {
    leave();
    leaveReconnect();
    signal.removeEventListener("abort", onAbort);
  }
}

async function newestEventId(redis: Redis, channel: string): Promise<string> {
  const id: string | null = await callStore(redis, false, () =>
    redis.hget(keys.channel(channel), "e"),
  );
  return id ?? NO_EVENT_ID;
}

/** The next entries of the log, with a `gap` ahead where the chain is broken; undefined while Redis is away. */
async function readPage(
  redis: Redis,
  channel: string,
  lastId: string,
): Promise<ChannelEvent[] | undefined> {
  try {
    const [entries, newest] = await callStore(redis, false, () =>
      Promise.all([
        redis.xrange(keys.events(channel), `(${lastId}`, "+", "COUNT", PAGE),
        redis.hget(keys.channel(channel), "e"),
      ]),
    );
    const events: ChannelEvent[] = decodeEntries(entries);
    const first = events[0] as ChainedEvent | undefined;
    if (first !== undefined && lastId !== NO_EVENT_ID && first.previousId !== lastId) {
      return [gapEvent(lastId, first.previousId), ...events];
    }
    if (first === undefined && newest !== null && compareEventIds(newest, lastId) > 0) {
      return [gapEvent(lastId, newest)];
    }
    return events;
  } catch {
    return undefined;
  }
}

/** Says that what came after `afterId` up to and including `id` is no longer in the log. */
function gapEvent(afterId: string, id: string): ChannelEvent {
  return { id, type: "gap", data: JSON.stringify({ afterId, resumedAtId: id }) };
}
