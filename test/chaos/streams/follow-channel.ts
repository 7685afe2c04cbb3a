import { setTimeout as sleep } from "node:timers/promises";
import type { SeenEvent, SeenStream } from "../check/history.ts";
import type { ChaosSystem } from "../system/start-system.ts";
import { eventFrames } from "./event-frames.ts";

/** Somebody who listens to a channel for the whole campaign. */
export interface ChannelReader {
  readonly seen: SeenStream;
  /** Resolves when it listens for the first time: from then on it may miss nothing. */
  readonly listening: Promise<void>;
  /** The place up to which it was told everything. */
  lastId(): string | undefined;
  stop(): Promise<void>;
}

/** A reader leaves by itself after so long, so that many reconnections fall into a campaign. */
const LEAVES_AFTER_MS = 8000;
const COMES_BACK_AFTER_MS = 200;

/** Listens through one ingress after another; whenever it is cut, or leaves, it comes back to where it was. */
export function followChannel(
  system: ChaosSystem,
  channel: string,
  random: () => number,
): ChannelReader {
  const events: SeenEvent[] = [];
  const texts: Record<string, string> = {};
  const listening = Promise.withResolvers<void>();
  const stopped = new AbortController();
  let from: string | undefined;
  let lastId: string | undefined;
  let connections = 0;

  function take(id: string, type: string, data: EventData): void {
    events.push(seenEvent(connections, id, type, data));
    const { promptId = "", update } = data;
    if (type === "started") {
      texts[promptId] = "";
    } else if (update?.sessionUpdate === "agent_message_chunk") {
      texts[promptId] = (texts[promptId] ?? "") + (update.content?.text ?? "");
    }
  }

  async function listenOnce(): Promise<void> {
    const url = system.urls[connections % system.urls.length] ?? "";
    const leaves = AbortSignal.timeout(Math.round(LEAVES_AFTER_MS * (0.1 + random())));
    connections += 1;
    const response = await fetch(new URL(`/v1/channels/${channel}/events`, url), {
      headers: {
        authorization: `Bearer ${system.apiKey}`,
        ...(lastId === undefined ? {} : { "last-event-id": lastId }),
      },
      signal: AbortSignal.any([leaves, stopped.signal]),
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return;
    }
    for await (const { id, type, data } of eventFrames(response.body)) {
      if (data !== undefined) {
        take(id ?? "", type, JSON.parse(data) as EventData);
      }
      if (id !== undefined) {
        lastId = id;
        from ??= id;
        listening.resolve();
      }
    }
  }

  async function listen(): Promise<void> {
    while (!stopped.signal.aborted) {
      await listenOnce().catch(() => undefined); // cut: that is what it is here for
      await sleep(COMES_BACK_AFTER_MS * random());
    }
  }

  const done = listen();
  return {
    get seen() {
      return { channel, from: from ?? "", connections, events, texts };
    },
    listening: listening.promise,
    lastId: () => lastId,
    async stop() {
      stopped.abort();
      await done;
    },
  };
}

interface EventData {
  readonly promptId?: string;
  readonly afterId?: string;
  readonly update?: {
    readonly sessionUpdate: string;
    readonly content?: { readonly text?: string };
  };
}

function seenEvent(connection: number, id: string, type: string, data: EventData): SeenEvent {
  const { promptId, afterId } = data;
  return {
    connection,
    id,
    type,
    ...(promptId === undefined ? {} : { promptId }),
    ...(type === "gap" ? { afterId: String(afterId) } : {}),
  };
}
