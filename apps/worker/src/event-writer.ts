import type { NewEvent, OwnedChannel } from "@pilotlight/channels";
import type { SessionUpdate } from "@pilotlight/sessions";

/** One ordered queue between the agent's updates and the channel's event log. */
export interface EventWriter {
  /** Sent at once where nothing is under way; what piles up meanwhile goes in the next batch. */
  push(update: SessionUpdate): void;
  /** Behind everything that was pushed before it. */
  pushEvent(event: NewEvent): void;
  /** Resolves when everything pushed is on its way: what is written to Redis from then on comes after it. */
  sent(): Promise<void>;
  /** Resolves when everything pushed is in the log. @throws LeaseLostError */
  drain(): Promise<void>;
}

/** Events in one append; keeps a single script call short. */
const MOST_PER_BATCH = 256;
/** Data that may wait for Redis before the turn is stopped (bytes). */
const MOST_PENDING_BYTES = 32 * 1_048_576;

export function createEventWriter(
  owned: OwnedChannel,
  promptId: string,
  onOverflow: () => void,
): EventWriter {
  let pending: (SessionUpdate | NewEvent)[] = [];
  let pendingBytes = 0;
  let writing: Promise<void> | undefined;
  let failure: unknown;

  async function write(): Promise<void> {
    while (pending.length > 0 && failure === undefined) {
      const batch = pending.slice(0, MOST_PER_BATCH);
      pending = pending.slice(MOST_PER_BATCH);
      if (pending.length === 0) {
        pendingBytes = 0;
      }
      try {
        await owned.appendEvents(batch.map((entry) => toEvent(promptId, entry)));
      } catch (error) {
        failure = error;
        pending = [];
      }
    }
    writing = undefined;
  }

  return {
    push(update) {
      if (failure !== undefined) {
        return;
      }
      const last = pending.at(-1);
      const merged = last === undefined || isEvent(last) ? undefined : mergeText(last, update);
      if (merged === undefined) {
        pending.push(update);
      } else {
        pending[pending.length - 1] = merged;
      }
      pendingBytes += sizeOf(update);
      if (pendingBytes > MOST_PENDING_BYTES) {
        onOverflow();
      }
      writing ??= write();
    },

    pushEvent(event) {
      if (failure === undefined) {
        pending.push(event);
        writing ??= write();
      }
    },

    async sent() {
      while (pending.length > 0 && writing !== undefined) {
        await writing;
      }
    },

    async drain() {
      while (writing !== undefined) {
        await writing;
      }
      if (failure !== undefined) {
        throw failure;
      }
    },
  };
}

/** Chunks of one stream of text that wait together are one update: nothing of the text is lost. */
function mergeText(a: SessionUpdate, b: SessionUpdate): SessionUpdate | undefined {
  if (
    (a.sessionUpdate === "agent_message_chunk" && b.sessionUpdate === "agent_message_chunk") ||
    (a.sessionUpdate === "agent_thought_chunk" && b.sessionUpdate === "agent_thought_chunk")
  ) {
    const sameMessage = a.messageId === b.messageId;
    if (sameMessage && a.content.type === "text" && b.content.type === "text") {
      return { ...a, content: { ...a.content, text: a.content.text + b.content.text } };
    }
  }
  return undefined;
}

function sizeOf(update: SessionUpdate): number {
  return "content" in update && update.content !== null && "text" in Object(update.content)
    ? (update.content as { text: string }).text.length
    : JSON.stringify(update).length;
}

function isEvent(entry: SessionUpdate | NewEvent): entry is NewEvent {
  return "type" in entry && "data" in entry;
}

function toEvent(promptId: string, update: SessionUpdate | NewEvent): NewEvent {
  if (isEvent(update)) {
    return update;
  }
  if (update.sessionUpdate === "plan") {
    return { type: "plan", promptId, data: JSON.stringify({ promptId, entries: update.entries }) };
  }
  return { type: "update", promptId, data: JSON.stringify({ promptId, update }) };
}
