import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AgentLink } from "../link/agent-link.ts";
import { runTurn, type TurnEnd } from "./run-turn.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("an agent that takes a message into its turn is not silent", async () => {
  let listener: Parameters<AgentLink["attach"]>[0] | undefined;
  const link = {
    attach: (turn) => {
      listener = turn;
    },
    detach: () => undefined,
    prompt: () => new Promise(() => undefined),
    cancel: () => undefined,
    delivered: () => Promise.resolve(),
  } satisfies Partial<AgentLink> as unknown as AgentLink;
  let end: TurnEnd | undefined;
  void runTurn({
    link,
    sessionId: "s",
    parts: ["hello"],
    deadlines: { startMs: 1, silenceMs: 100, turnMs: 10_000, cancelMs: 10 },
    onUpdate: () => undefined,
  }).then((ended) => {
    end = ended;
  });
  for (let round = 0; round < 5; round += 1) {
    await vi.advanceTimersByTimeAsync(90);
    listener?.onSign();
  }
  expect(end).toBeUndefined();
  await vi.advanceTimersByTimeAsync(120);
  expect(end).toEqual({ at: "overdue", code: "silence_timeout", settled: false });
});
