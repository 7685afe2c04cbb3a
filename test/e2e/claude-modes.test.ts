import { type Prompt, promptSchema } from "@pilotlight/contracts";
import {
  type FakeModel,
  lastUserText,
  type RunningPilotlight,
  say,
  startFakeModel,
  startPilotlight,
  userTexts,
} from "@pilotlight/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, askStreaming, isPiece } from "./ask.ts";
import { claudeConfig } from "./claude-config.ts";

let model: FakeModel;
let system: RunningPilotlight;

beforeAll(async () => {
  model = await startFakeModel();
  system = await startPilotlight({ config: claudeConfig(model.url, "deny-all") });
});
afterAll(async () => {
  await system?.stop();
  await model?.close();
});

async function steer(channel: string, prompt: string): Promise<Prompt> {
  const response = await system.fetch(`/v1/channels/${channel}/prompts`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=50" },
    body: JSON.stringify({ prompt, mode: "steer" }),
  });
  expect(response.status, system.output()).toBe(200);
  return promptSchema.parse(await response.json());
}

test("a running answer takes a steering prompt in, and both end with the same turn", async () => {
  const over = Promise.withResolvers<void>();
  model.respondWith((request) =>
    lastUserText(request).includes("and water it")
      ? say("Found it, and watered it.")
      : {
          kind: "answer",
          parts: [
            { kind: "text", text: "I am looking " },
            { kind: "text", text: "for it.", after: over.promise },
          ],
        },
  );
  let steering: Promise<Prompt> | undefined;
  const events = await askStreaming(system, "greenhouse", "Find the plant.", (event) => {
    if (isPiece(event)) {
      steering ??= steer("greenhouse", "and water it");
    }
  });
  over.resolve();
  const steered = await steering;
  const running = String(events[0]?.data.promptId);
  expect(steered).toMatchObject({
    state: "completed",
    mode: "steer",
    delivery: "injected",
    turn: { id: running },
  });
  expect(steered?.text).toContain("Found it, and watered it.");
  expect(events.at(-1)?.type).toBe("completed");

  model.respondWith();
  const next = await ask(system, "greenhouse", "And then?");
  expect(next.session?.opened).toBe("warm");
  const asked = model.turns.map(userTexts).find((texts) => texts.at(-1)?.includes("And then?"));
  expect(asked?.filter((text) => text.includes("and water it"))).toHaveLength(1);
});
