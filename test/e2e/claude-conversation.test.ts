import {
  type FakeModel,
  type RunningPilotlight,
  startFakeModel,
  startPilotlight,
  userTexts,
} from "@pilotlight/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ask, askStreaming, isPiece, pieceText } from "./ask.ts";
import { claudeConfig } from "./claude-config.ts";

let model: FakeModel;
let system: RunningPilotlight;

beforeAll(async () => {
  model = await startFakeModel();
  system = await startPilotlight({ config: claudeConfig(model.url, "deny-all") });
});
beforeEach(() => model.respondWith());
afterAll(async () => {
  await system?.stop();
  await model?.close();
});

test("the second prompt of a channel is answered out of the first one's context, by a warm session", async () => {
  const first = await ask(system, "garden", "The plant is a pelargonium.");
  expect(first).toMatchObject({ state: "completed", stopReason: "end_turn" });
  expect(first.session).toMatchObject({ opened: "fresh", agent: "claude" });

  const second = await ask(system, "garden", "Which plant was it?");
  expect(second.text).toBe("I have seen 2 message(s). The first said: The plant is a pelargonium.");
  expect(second.session).toMatchObject({ opened: "warm", id: first.session?.id });
  // The agent asks the model about other things too, on its own; this is the request of the turn.
  const asked = model.turns.map(userTexts).find((texts) => texts.at(-1) === "Which plant was it?");
  expect(asked).toEqual(["The plant is a pelargonium.", "Which plant was it?"]);
});

test("two channels know nothing of each other", async () => {
  const [left, right] = await Promise.all([
    ask(system, "left", "I am the left one."),
    ask(system, "right", "I am the right one."),
  ]);
  expect(left.text).toBe("I have seen 1 message(s). The first said: I am the left one.");
  expect(right.text).toBe("I have seen 1 message(s). The first said: I am the right one.");
  expect(left.session?.id).not.toBe(right.session?.id);

  const again = await ask(system, "left", "And again.");
  expect(again.text).toBe("I have seen 2 message(s). The first said: I am the left one.");
  const shown = JSON.stringify(
    model.turns.filter((turn) => userTexts(turn).includes("And again.")),
  );
  expect(shown).not.toContain("I am the right one.");
});

test("a piece reaches the client while the model has yet to say the next one", async () => {
  const heard = Promise.withResolvers<void>();
  model.respondWith(() => ({
    kind: "answer",
    parts: [
      { kind: "text", text: "One " },
      { kind: "text", text: "two.", after: heard.promise },
    ],
  }));
  const events = await askStreaming(system, "stream", "Count slowly.", (event) => {
    if (isPiece(event)) {
      heard.resolve();
    }
  });
  expect(events.filter(isPiece).map(pieceText)).toEqual(["One ", "two."]);
  expect(events[0]?.type).toBe("accepted");
  expect(events.at(-1)).toMatchObject({ type: "completed", data: { stopReason: "end_turn" } });
});

test("an error of the model provider fails the prompt, and the next one is answered", async () => {
  model.respondWith(() => ({ kind: "error", status: 500, type: "api_error" }));
  const failed = await ask(system, "trouble", "Will you answer?");
  expect(failed.state).toBe("failed");
  expect(failed.error?.message).toBeTruthy();

  model.respondWith();
  const next = await ask(system, "trouble", "And now?");
  expect(next.state).toBe("completed");
  expect(next.text).toContain("message(s)");
});
