import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type ActingWorker, actAsWorker, type Turn } from "./support/act-as-worker.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
let worker: ActingWorker;
let play: (turn: Turn) => Promise<void>;
beforeAll(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url);
  worker = await actAsWorker(redis.url, (turn) => play(turn));
});
beforeEach(() => {
  play = (turn) => turn.say(`echo: ${turn.prompt}`);
});
afterAll(async () => {
  await worker.stop();
  await ingress.service.stop();
  await redis.stop();
});

it("answers with what the agent said, and notes that the prompt came by webhook", async () => {
  const response = await ingress.post("/webhook/session/bot", { prompt: "hello" });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ success: true, message: "echo: hello" });
  const record = await (await ingress.fetch(response.headers.get("location") ?? "")).json();
  expect(record).toMatchObject({ surface: "webhook", channel: "bot", prompt: "hello" });
});

it("says why where the turn failed", async () => {
  play = async () => {
    throw new Error("the agent fell over");
  };
  const response = await ingress.post("/webhook/session/bot", { prompt: "hello" });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ success: false, message: "the agent fell over" });
});

it("says what is wrong in its own fields and in those of every other error", async () => {
  for (const [body, code] of [
    [{ prompt: " " }, "prompt_required"],
    [{ prompt: "x", cwd: "/" }, "unknown_field"],
  ] as const) {
    const response = await ingress.post("/webhook/session/bot", body);
    expect(response.status).toBe(422);
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ code, success: false, message: problem.detail });
  }
});

it("says that the prompt is queued where it cannot wait for its end", async () => {
  const goOn = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  play = async (turn) => {
    begun.resolve();
    await goOn.promise;
    await turn.say("late");
  };
  const other = await startIngress(redis.url);
  const asking = other.post("/webhook/session/late", { prompt: "x" });
  await begun.promise;
  const draining = other.service.drain();
  const response = await asking;
  expect(response.status).toBe(202);
  const { success, message } = (await response.json()) as { success: boolean; message: string };
  expect(success).toBe(true);
  const id = /^queued (p_\w+)$/.exec(message)?.[1];
  await draining;
  await other.service.stop();
  goOn.resolve();
  const record = await waitUntil("it is answered all the same", async () => {
    const prompt = (await (await ingress.fetch(`/v1/prompts/${id}`)).json()) as { state: string };
    return prompt.state === "completed" && prompt;
  });
  expect(record).toMatchObject({ text: "late" });
});
