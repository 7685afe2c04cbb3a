import type { ShownQuestion } from "@pilotlight/channels";
import {
  type GrantList,
  newQuestionId,
  type Question,
  type QuestionList,
} from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ActingWorker, actAsWorker } from "./support/act-as-worker.ts";
import { collectEvents } from "./support/collect-events.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
let worker: ActingWorker;
beforeAll(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url);
  worker = await actAsWorker(redis.url, async (turn) => {
    const { channel, askMs = 60_000 } = JSON.parse(turn.prompt) as {
      channel: string;
      askMs?: number;
    };
    const taken = await turn.ask(
      channel.startsWith("form")
        ? elicitation(channel, turn.promptId)
        : permission(channel, turn.promptId),
      askMs,
    );
    await turn.say(JSON.stringify(taken.at === "answered" ? taken.given.answer : taken.at));
  });
});
afterAll(async () => {
  await worker.stop();
  await ingress.service.stop();
  await redis.stop();
});

const common = (channel: string, promptId: string) =>
  ({ id: newQuestionId(), channel, promptId, agent: "demo", hash: `hash of ${promptId}` }) as const;

const permission = (channel: string, promptId: string): ShownQuestion => ({
  ...common(channel, promptId),
  type: "permission",
  toolCall: { toolCallId: "t", kind: "edit", title: "Write a.txt", paths: ["a.txt"] },
  options: [
    { optionId: "yes", name: "Yes", kind: "allow_once" },
    { optionId: "no", name: "No", kind: "reject_once" },
  ],
  always: { kind: "edit", paths: ["a.txt"], description: "edit a.txt" },
});

const elicitation = (channel: string, promptId: string): ShownQuestion => ({
  ...common(channel, promptId),
  type: "elicitation",
  message: "Which colour?",
  form: {
    type: "object",
    properties: { colour: { type: "string", enum: ["red", "blue"] } },
    required: ["colour"],
  },
});

/** A turn of the channel asks; gives the question as people are shown it. */
async function asked(channel: string, askMs?: number): Promise<Question> {
  const prompt = JSON.stringify({ channel, ...(askMs === undefined ? {} : { askMs }) });
  const response = await ingress.post(`/v1/channels/${channel}/prompts`, { prompt });
  expect(response.status).toBe(202);
  return await waitUntil("somebody is asked", async () => (await pending(channel)).items[0]);
}

async function pending(channel: string): Promise<QuestionList> {
  return (await (await ingress.fetch(`/v1/permissions?channel=${channel}`)).json()) as QuestionList;
}

const answer = (id: string, body: object) => ingress.post(`/v1/permissions/${id}/answer`, body);
const heard = async ({ promptId }: Question) => {
  const prompt = await waitUntil("the turn is over", async () => {
    const one = (await (await ingress.fetch(`/v1/prompts/${promptId}`)).json()) as {
      state: string;
      text?: string;
    };
    return one.state === "completed" ? one : undefined;
  });
  return JSON.parse(prompt.text ?? "null");
};

describe("a permission", () => {
  it("is listed, shown with its prompt waiting for it, and answered once", async () => {
    const question = await asked("listed");
    const shown = await ingress.fetch(`/v1/permissions/${question.id}`);
    expect(await shown.json()).toEqual(question);
    expect(question).toMatchObject({ state: "pending", type: "permission" });
    const prompt = await (await ingress.fetch(`/v1/prompts/${question.promptId}`)).json();
    expect(prompt).toMatchObject({ state: "waiting", waitingFor: "permission" });

    const first = await answer(question.id, { optionId: "yes", hash: question.hash });
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({ state: "answered" });
    expect(await heard(question)).toMatchObject({ optionId: "yes", kind: "allow_once" });

    const same = await answer(question.id, { decision: "allow_once" });
    expect(same.status).toBe(200);
    const other = await answer(question.id, { optionId: "no" });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({
      code: "already_answered",
      detail: expect.stringMatching(/at 20.* with the key /),
    });
    expect((await pending("listed")).items).toEqual([]);
  });

  it("is told by event streams when it opens and when it is closed", async () => {
    const response = await ingress.post(
      "/v1/channels/streamed/prompts",
      { prompt: JSON.stringify({ channel: "streamed" }) },
      { accept: "text/event-stream" },
    );
    const states: unknown[] = [];
    const answers: Promise<Response>[] = [];
    await collectEvents(response, (event) => {
      if (event.type === "permission") {
        const question = event.data.question as Question;
        states.push(question.state);
        if (question.state === "pending") {
          answers.push(answer(question.id, { decision: "reject_once" }));
        }
      }
      return false;
    });
    await Promise.all(answers);
    expect(states).toEqual(["pending", "answered"]);
  });

  it("that nobody answers in time is gone", async () => {
    const question = await asked("late", 300);
    expect(await heard(question)).toBe("expired");
    const late = await answer(question.id, { optionId: "yes" });
    expect(late.status).toBe(410);
    expect(await late.json()).toMatchObject({ code: "permission_expired" });
  });

  it.each([
    [{ optionId: "maybe" }, 422, "unknown_option"],
    [{ decision: "reject_always" }, 422, "unknown_option"],
    [{ decision: "perhaps" }, 422, "invalid_value"],
    [{}, 422, "invalid_value"],
    [{ optionId: "yes", decision: "allow_once" }, 422, "invalid_value"],
    [{ optionId: "yes", hash: "of something else" }, 409, "shown_differs"],
    [{ action: "accept" }, 422, "invalid_answer"],
    [{ optionId: "yes", why: "x" }, 422, "unknown_field"],
  ])("is not answered by %j", async (body, status, code) => {
    const question = await asked("refused");
    const response = await answer(question.id, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
    const [still] = (await pending("refused")).items;
    expect(still?.id).toBe(question.id);
    await answer(question.id, { optionId: "no" });
    await heard(question);
  });

  it("of which nothing is known is 404, and what is no id 422", async () => {
    const unknown = await answer(newQuestionId(), { optionId: "yes" });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ code: "permission_not_found" });
    expect((await ingress.fetch("/v1/permissions/nonsense")).status).toBe(422);
    const filter = await ingress.fetch("/v1/permissions?state=open");
    expect(await filter.json()).toMatchObject({ code: "invalid_value" });
  });

  it("that is always granted is listed on its channel until somebody revokes that", async () => {
    const question = await asked("always");
    await answer(question.id, { decision: "allow_always" });
    await heard(question);
    const list = async () =>
      (await (await ingress.fetch("/v1/channels/always/grants")).json()) as GrantList;
    const { items } = await list();
    expect(items).toMatchObject([{ questionId: question.id, scope: { paths: ["a.txt"] } }]);
    const path = `/v1/channels/always/grants/${items[0]?.id}`;
    expect((await ingress.fetch(path, { method: "DELETE" })).status).toBe(204);
    expect((await list()).items).toEqual([]);
    const again = await ingress.fetch(path, { method: "DELETE" });
    expect(await again.json()).toMatchObject({ code: "grant_not_found" });
  });
});

describe("an elicitation", () => {
  it("is answered with its form's fields", async () => {
    const question = await asked("form-filled");
    const wrong = await answer(question.id, { action: "accept", content: { colour: "green" } });
    expect(await wrong.json()).toMatchObject({ errors: [{ pointer: "/content/colour" }] });
    const content = { colour: "blue" };
    expect((await answer(question.id, { action: "accept", content })).status).toBe(200);
    expect(await heard(question)).toEqual({ at: "accepted", content });
  });

  it("may be declined", async () => {
    const question = await asked("form-declined");
    const permissionAnswer = await answer(question.id, { decision: "allow_once" });
    expect(await permissionAnswer.json()).toMatchObject({ code: "invalid_answer" });
    await answer(question.id, { action: "decline" });
    expect(await heard(question)).toEqual({ at: "declined" });
  });
});
