import type { ChannelEvent } from "@pilotlight/contracts";
import { questionSchema } from "@pilotlight/contracts";
import type { ShownQuestion } from "./question-record.ts";

/**
 * What lately came by of questions: whoever is shown one answers it where it was shown, and what it asks never changes. Saves
 * the answer a round trip.
 */
export interface ShownQuestions {
  note(events: readonly ChannelEvent[]): void;
  get(id: string): ShownQuestion | undefined;
}

const MOST_KNOWN = 200;
/** What is shown begins with these, before anything that an agent says. */
const ID = /"question":\{"type":"[a-z]+","id":"(qu_[0-9a-z]{26})"/;

export function createShownQuestions(): ShownQuestions {
  const known = new Map<string, string>();
  return {
    note(events) {
      for (const { type, data } of events) {
        const id = type === "permission" || type === "elicitation" ? ID.exec(data)?.[1] : undefined;
        if (id !== undefined) {
          known.delete(id);
          known.set(id, data);
        }
      }
      for (const id of known.keys()) {
        if (known.size <= MOST_KNOWN) {
          break;
        }
        known.delete(id);
      }
    },
    get(id) {
      const data = known.get(id);
      return data === undefined ? undefined : questionSchema.parse(JSON.parse(data).question);
    },
  };
}
