import type { StreamedEvent } from "@pilotlight/client";
import { type Question, questionSchema } from "@pilotlight/contracts";

/** The question that an event is about; undefined where it is about none. */
export function questionOf(event: StreamedEvent): Question | undefined {
  if (event.type !== "permission" && event.type !== "elicitation") {
    return undefined;
  }
  return questionSchema.safeParse(event.data.question).data;
}
