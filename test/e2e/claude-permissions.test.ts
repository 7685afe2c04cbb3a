import { readFileSync } from "node:fs";
import { createClient, type PilotlightClient } from "@pilotlight/client";
import { type Question, questionSchema } from "@pilotlight/contracts";
import {
  type FakeModel,
  type ReceivedEvent,
  type RunningPilotlight,
  startFakeModel,
  startPilotlight,
} from "@pilotlight/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, askStreaming } from "./ask.ts";
import { claudeConfig } from "./claude-config.ts";
import { filesNamed, toolScript } from "./tool-script.ts";

let model: FakeModel;
let system: RunningPilotlight;
let client: PilotlightClient;
beforeAll(async () => {
  model = await startFakeModel(toolScript);
  system = await startPilotlight({ config: claudeConfig(model.url, "ask") });
  client = createClient({ url: system.url, apiKey: system.apiKey });
});
afterAll(async () => {
  await system?.stop();
  await model?.close();
});

type Permission = Extract<Question, { type: "permission" }>;

/** Sends a prompt whose turn asks; `answer` is called with the question as the stream shows it. */
async function askAndAnswer(
  channel: string,
  prompt: string,
  answer: (question: Permission) => Promise<void>,
): Promise<readonly ReceivedEvent[]> {
  const answers: Promise<void>[] = [];
  const events = await askStreaming(system, channel, prompt, (event) => {
    const question = questionOf(event);
    if (question?.state === "pending") {
      answers.push(answer(question));
    }
  });
  await Promise.all(answers);
  return events;
}

function questionOf(event: ReceivedEvent): Permission | undefined {
  return event.type === "permission"
    ? (questionSchema.parse(event.data.question) as Permission)
    : undefined;
}

const statesOf = (events: readonly ReceivedEvent[]) =>
  events.flatMap((event) => questionOf(event)?.state ?? []);
const processOf = async (channel: string) => (await client.listSessions(channel))[0]?.pid;
const notesOf = (channel: string) =>
  filesNamed(system, "note.txt").filter((path) => path.includes(channel));

test("a write waits for its permission, and the same turn in the same process goes on with it", async () => {
  let asking: number | undefined;
  const events = await askAndAnswer("allow", "Write the note.", async (question) => {
    expect(question.toolCall.kind).toBe("edit");
    expect(question.toolCall.paths).toEqual(["note.txt"]);
    expect(notesOf("allow")).toEqual([]);
    asking = await processOf("allow");
    const [listed] = (await client.listQuestions({ channel: "allow" })).items;
    expect(listed?.id).toBe(question.id);
    expect((await client.getPrompt(question.promptId)).waitingFor).toBe("permission");
    await client.answer(question.id, { decision: "allow_once", hash: question.hash });
  });
  expect(statesOf(events)).toEqual(["pending", "answered"]);
  const prompt = await client.getPrompt(String(events[0]?.data.promptId));
  expect(prompt).toMatchObject({ state: "completed", text: "It is done." });
  expect(prompt.attempts).toHaveLength(1);
  expect(await processOf("allow")).toBe(asking);
  const [note = "", ...others] = notesOf("allow");
  expect(others).toEqual([]);
  expect(readFileSync(note, "utf8")).toBe("written by the agent");
});

test("a write that somebody denies is not made, and its turn goes on to an answer", async () => {
  const events = await askAndAnswer("deny", "Write the note.", async (question) => {
    await client.answer(question.id, { decision: "reject_once" });
  });
  expect(statesOf(events)).toEqual(["pending", "answered"]);
  const prompt = await client.getPrompt(String(events[0]?.data.promptId));
  expect(prompt).toMatchObject({ state: "completed", text: "It was refused." });
  expect(notesOf("deny")).toEqual([]);
});

test("a write that nobody answers is denied in time, and its turn goes on to an answer", async () => {
  await client.setChannel("expire", { permissions: { askSecs: 1 } });
  const events = await askAndAnswer("expire", "Write the note.", () => Promise.resolve());
  expect(statesOf(events)).toEqual(["pending", "expired"]);
  const prompt = await client.getPrompt(String(events[0]?.data.promptId));
  expect(prompt).toMatchObject({ state: "completed", text: "It was refused." });
  expect(notesOf("expire")).toEqual([]);
});

test("a turn that waits for a person is cancelled at once, and its session answers the next prompt", async () => {
  const events = await askAndAnswer("cancel", "Write the note.", async (question) => {
    await client.cancel(question.promptId);
  });
  expect(statesOf(events)).toEqual(["pending", "cancelled"]);
  expect(events.at(-1)?.type).toBe("cancelled");
  expect(await ask(system, "cancel", "And now?")).toMatchObject({
    state: "completed",
    session: { opened: "warm" },
  });
  expect(notesOf("cancel")).toEqual([]);
});

test("a command is shown as it would be run", async () => {
  await askAndAnswer("command", "Run the command.", async (question) => {
    expect(question.toolCall).toMatchObject({ kind: "execute", command: "echo made > made.txt" });
    await client.answer(question.id, { decision: "allow_once" });
  });
  expect(filesNamed(system, "made.txt")).toHaveLength(1);
});
