import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { type ChainedEvent, decodeMessage } from "./event-codec.ts";

/** Gets what is published, in order. Must not throw. */
export type FeedListener = (events: readonly ChainedEvent[]) => void;

/**
 * Live events over one subscriber connection, shared by all who listen to a channel.
 * Messages may be lost while the connection is away: `onReconnect` listeners then read the log.
 */
export interface EventFeed {
  /** Resolves once subscribed: nothing published from then on is missed while the connection lives. */
  listen(channel: string, listener: FeedListener): Promise<() => void>;
  onReconnect(listener: () => void): () => void;
  /** Id of the channel's newest event, where this feed has followed it without a break. */
  newestId(channel: string): string | undefined;
}

/** A channel stays subscribed this long after its last listener, so that the next turn need not wait for it. */
const LINGER_MS = 60_000;

interface Subscription {
  readonly listeners: Set<FeedListener>;
  readonly ready: Promise<unknown>;
  linger?: NodeJS.Timeout;
  newestId?: string | undefined;
}

/** `onEvents` hears everything that somebody listens to, once. */
export function createEventFeed(subscriber: Redis, onEvents: FeedListener): EventFeed {
  const subscriptions = new Map<string, Subscription>();
  const reconnectListeners = new Set<() => void>();
  let wasReady = subscriber.status === "ready";

  subscriber.on("message", (key: string, message: string) => {
    const subscription = subscriptions.get(key);
    if (subscription === undefined) {
      return;
    }
    if (subscription.listeners.size === 0) {
      subscription.newestId = undefined;
    } else {
      const events = decodeMessage(message);
      subscription.newestId = events.at(-1)?.id;
      for (const listener of subscription.listeners) {
        listener(events);
      }
      onEvents(events);
    }
  });
  subscriber.on("close", () => {
    for (const subscription of subscriptions.values()) {
      subscription.newestId = undefined;
    }
  });
  subscriber.on("ready", () => {
    if (wasReady) {
      for (const listener of reconnectListeners) {
        listener();
      }
    }
    wasReady = true;
  });

  function subscriptionOf(key: string): Subscription {
    const known = subscriptions.get(key);
    if (known !== undefined) {
      clearTimeout(known.linger);
      return known;
    }
    const ready = subscriber.subscribe(key);
    const subscription: Subscription = { listeners: new Set(), ready };
    subscriptions.set(key, subscription);
    ready.catch(() => {
      if (subscriptions.get(key) === subscription) {
        subscriptions.delete(key);
      }
    });
    return subscription;
  }

  function lingerOn(key: string, subscription: Subscription): void {
    clearTimeout(subscription.linger);
    subscription.linger = setTimeout(() => {
      if (subscription.listeners.size === 0 && subscriptions.get(key) === subscription) {
        subscriptions.delete(key);
        subscriber.unsubscribe(key).catch(() => undefined);
      }
    }, LINGER_MS);
    subscription.linger.unref();
  }

  return {
    async listen(channel, listener) {
      const key = keys.events(channel);
      const subscription = subscriptionOf(key);
      subscription.listeners.add(listener);
      const leave = () => {
        subscription.listeners.delete(listener);
        if (subscription.listeners.size === 0) {
          lingerOn(key, subscription);
        }
      };
      try {
        await subscription.ready;
      } catch (error) {
        leave();
        throw error;
      }
      return leave;
    },

    onReconnect(listener) {
      reconnectListeners.add(listener);
      return () => reconnectListeners.delete(listener);
    },

    newestId: (channel) => subscriptions.get(keys.events(channel))?.newestId,
  };
}
