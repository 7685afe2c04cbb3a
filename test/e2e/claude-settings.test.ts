import type { ChannelView, WorkerView } from "@pilotlight/contracts";
import {
  type FakeModel,
  type RunningPilotlight,
  startFakeModel,
  startPilotlight,
  userTexts,
  waitUntil,
} from "@pilotlight/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ask } from "./ask.ts";
import { claudeConfig } from "./claude-config.ts";

let model: FakeModel;
let system: RunningPilotlight;

beforeAll(async () => {
  model = await startFakeModel();
  system = await startPilotlight({
    standby: 1,
    config: claudeConfig(model.url, "deny-all"),
  });
});
beforeEach(() => model.respondWith());
afterAll(async () => {
  await system?.stop();
  await model?.close();
});

const put = (channel: string, settings: object) =>
  system.fetch(`/v1/channels/${channel}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
  });

test("a system prompt and a model that a channel is set to reach the provider", async () => {
  await put("garden", {
    systemPrompt: "Speak of pelargoniums only.",
    agentConfig: { model: "haiku" },
  });
  const prompt = await ask(system, "garden", "Which plant?");
  expect(prompt).toMatchObject({ state: "completed", session: { opened: "fresh" } });
  const turn = model.turns.find((request) => userTexts(request).at(-1) === "Which plant?");
  expect(JSON.stringify(turn?.system)).toContain("Speak of pelargoniums only.");
  expect(turn?.model).toContain("haiku");
});

test("what the agent does not take fails the prompt with its name", async () => {
  await put("wrong", { agentMode: "no-such-mode" });
  const prompt = await ask(system, "wrong", "hello");
  expect(prompt).toMatchObject({ state: "failed", error: { code: "agent_settings_refused" } });
  expect(prompt.error?.message).toContain("no-such-mode");
});

test("a channel that nobody ever used is answered by a session that was opened ahead", async () => {
  const ready = async () => {
    const { items } = (await (await system.fetch("/v1/workers")).json()) as { items: WorkerView[] };
    return items[0]?.standby?.ready === 1;
  };
  await waitUntil("one is ready", ready, 30_000);
  const prompt = await ask(system, "new", "Good morning.");
  expect(prompt).toMatchObject({ state: "completed", session: { opened: "standby" } });
  // Its own session from now on, and after it was closed too.
  await system.fetch("/v1/channels/new/cool", { method: "POST" });
  await waitUntil("it is closed", async () => {
    const { items } = (await (await system.fetch("/v1/sessions?channel=new")).json()) as {
      items: unknown[];
    };
    return items.length === 0;
  });
  expect(await ask(system, "new", "And now?")).toMatchObject({
    text: "I have seen 2 message(s). The first said: Good morning.",
    session: { id: prompt.session?.id, opened: "resumed" },
  });
});

test("a usage limit parks the channel, visibly, until it is cancelled", async () => {
  model.respondWith(() => ({ kind: "error", status: 429, type: "rate_limit_error" }));
  const response = await system.fetch("/v1/channels/spent/prompts", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "Are you there?" }),
  });
  const { id } = (await response.json()) as { id: string };
  const record = async () =>
    (await (await system.fetch(`/v1/prompts/${id}`)).json()) as {
      state: string;
      waitingFor: string;
    };
  await waitUntil("it waits", async () => (await record()).state === "waiting", 40_000);
  expect(await record()).toMatchObject({ waitingFor: "quota" });
  const channel = (await (await system.fetch("/v1/channels/spent")).json()) as ChannelView;
  expect(channel.blocked).toMatchObject({ reason: "quota", promptId: id });
  await system.fetch(`/v1/prompts/${id}/cancel`, { method: "POST" });
  expect(await record()).toMatchObject({ state: "cancelled" });
});
