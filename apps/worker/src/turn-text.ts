import type { SessionUpdate } from "@pilotlight/sessions";

/** The answer of a turn as its record keeps it: the agent's message text up to a limit (UTF-16 units). */
export interface TurnText {
  add(update: SessionUpdate): void;
  readonly text: string;
  readonly truncated: boolean;
}

export function createTurnText(limit: number): TurnText {
  let text = "";
  let truncated = false;
  return {
    add(update) {
      if (update.sessionUpdate !== "agent_message_chunk" || update.content.type !== "text") {
        return;
      }
      const room = limit - text.length;
      truncated ||= update.content.text.length > room;
      text += update.content.text.slice(0, Math.max(0, room));
    },
    get text() {
      return text;
    },
    get truncated() {
      return truncated;
    },
  };
}
