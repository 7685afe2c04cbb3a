import { type Prompt, promptSchema } from "@pilotlight/contracts";
import { type ReceivedEvent, type RunningPilotlight, readEvents } from "@pilotlight/testkit";
import { expect } from "vitest";

/** Sends a prompt and waits for its end. */
export async function ask(
  system: RunningPilotlight,
  channel: string,
  prompt: string,
): Promise<Prompt> {
  const response = await post(system, channel, prompt, { prefer: "wait=50" });
  expect(response.status, system.output()).toBe(200);
  return promptSchema.parse(await response.json());
}

/** Sends a prompt and gives all its events, as they were streamed in the answer. `onEvent` sees each as it comes. */
export async function askStreaming(
  system: RunningPilotlight,
  channel: string,
  prompt: string,
  onEvent: (event: ReceivedEvent) => void,
): Promise<readonly ReceivedEvent[]> {
  const response = await post(system, channel, prompt, { accept: "text/event-stream" });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const events: ReceivedEvent[] = [];
  for await (const event of readEvents(response)) {
    events.push(event);
    onEvent(event);
  }
  return events;
}

/** Whether it carries a piece of what the agent says. */
export function isPiece(event: ReceivedEvent): boolean {
  return updateOf(event)?.sessionUpdate === "agent_message_chunk";
}

/** What a piece says. */
export function pieceText(event: ReceivedEvent): string {
  return (updateOf(event)?.content as { text?: string } | undefined)?.text ?? "";
}

function updateOf(event: ReceivedEvent): Record<string, unknown> | undefined {
  return event.data.update as Record<string, unknown> | undefined;
}

async function post(
  system: RunningPilotlight,
  channel: string,
  prompt: string,
  headers: Record<string, string>,
): Promise<Response> {
  return await system.fetch(`/v1/channels/${encodeURIComponent(channel)}/prompts`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ prompt }),
    signal: AbortSignal.timeout(55_000),
  });
}
