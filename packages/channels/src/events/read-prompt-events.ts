import { type ChannelEvent, isFinalEventType } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import { decodeEntries } from "./event-codec.ts";

export interface PromptEvents {
  readonly events: readonly ChannelEvent[];
  /** False where the log no longer holds the prompt's first events. */
  readonly fromStart: boolean;
  /** True where reading stopped at the limit. */
  readonly truncated: boolean;
}

const PAGE = 500;

/** A prompt's events as far as its channel's log still holds them, oldest first; reads at most `most` entries. */
export async function readPromptEvents(
  redis: Redis,
  promptId: string,
  most: number,
): Promise<PromptEvents> {
  const [channel, before] = await redis.hmget(keys.prompt(promptId), "c", "ev");
  const events: ChannelEvent[] = [];
  let after = before ?? undefined;
  if (channel == null || after === undefined) {
    return { events, fromStart: false, truncated: false };
  }
  let fromStart = false;
  for (let lookedAt = 0; lookedAt < most; ) {
    const count = Math.min(PAGE, most - lookedAt);
    const entries = decodeEntries(
      await redis.xrange(keys.events(channel), `(${after}`, "+", "COUNT", count),
    );
    if (lookedAt === 0) {
      fromStart = entries[0]?.previousId === before;
    }
    for (const event of entries) {
      if (event.promptId !== promptId) {
        continue;
      }
      events.push(event);
      if (isFinalEventType(event.type)) {
        return { events, fromStart, truncated: false };
      }
    }
    if (entries.length < count) {
      return { events, fromStart, truncated: false };
    }
    lookedAt += entries.length;
    after = entries.at(-1)?.id as string;
  }
  return { events, fromStart, truncated: true };
}
