import type {
  DispatchInput,
  NewEvent,
  OwnedChannel,
  SettleInput,
} from "../src/ownership/owned-channel.ts";

/** What a worker does with one prompt, without an agent. */
export async function runPrompt(
  owned: OwnedChannel,
  promptId: string,
  events: readonly NewEvent[] = [],
): Promise<string | undefined> {
  await owned.dispatch({
    promptId,
    session: { id: "s1", opened: "warm", agent: "demo" },
    guarded: true,
    live: { state: "busy", fence: Number(owned.fence), agent: "demo" },
  });
  if (events.length > 0) {
    await owned.appendEvents(events);
  }
  await owned.settle(settlement(promptId));
  return await owned.finish({ id: promptId, state: "completed", summary: "done" }, true);
}

/** A dispatch by an agent that was not seen to ask before it changes something. */
export function dispatchOf(promptId: string, change: Partial<DispatchInput> = {}): DispatchInput {
  return {
    promptId,
    session: { id: "s1", opened: "fresh", agent: "demo" },
    live: { state: "busy", fence: 1, agent: "demo" },
    guarded: false,
    ...change,
  };
}

export function settlement(promptId: string): SettleInput {
  return { promptId, state: "completed", result: {}, text: "done", eventData: "{}" };
}

export function updateEvent(promptId: string, number: number): NewEvent {
  return { type: "update", promptId, data: JSON.stringify({ promptId, number }) };
}
