import { type ReceivedEvent, readEvents } from "@pilotlight/testkit";

/** Reads a stream to its end, or until an event satisfies `isLast`. */
export async function collectEvents(
  response: Response,
  isLast: (event: ReceivedEvent) => boolean = () => false,
): Promise<readonly ReceivedEvent[]> {
  const events: ReceivedEvent[] = [];
  for await (const event of readEvents(response)) {
    events.push(event);
    if (isLast(event)) {
      break;
    }
  }
  return events;
}

/** What the agent said, piece by piece. */
export function piecesOf(events: readonly ReceivedEvent[]): string[] {
  return events
    .filter((event) => event.type === "update")
    .map((event) => (event.data.update as { content: { text: string } }).content.text);
}

export function typesOf(events: readonly ReceivedEvent[]): string[] {
  return events.map((event) => event.type);
}
