import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { type ActingWorker, actAsWorker } from "./support/act-as-worker.ts";
import { collectEvents, typesOf } from "./support/collect-events.ts";
import { expectAllRefusedInTime } from "./support/expect-all-refused-in-time.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
let worker: ActingWorker | undefined;
beforeEach(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url);
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await ingress.service.stop();
  await redis.stop();
});

const needsRealRedis = it.skipIf(!inject("redisDurable"));
const PROMPT = { prompt: "x" };

needsRealRedis("every route says 503 within five seconds while the store hangs", async () => {
  process.kill(redis.pid as number, "SIGSTOP");
  try {
    await expectAllRefusedInTime(ingress);
  } finally {
    process.kill(redis.pid as number, "SIGCONT");
  }
  await waitUntil("it serves again", async () => (await ingress.fetch("/readyz")).ok);
});

needsRealRedis("every route says 503 within five seconds while the store is gone", async () => {
  await redis.stop();
  await expectAllRefusedInTime(ingress);
  expect((await fetch(`${ingress.url}/livez`)).status).toBe(200);
});

needsRealRedis(
  "a write that may have happened is said to be unknown, and repeating it accepts it once",
  async () => {
    const once = { "idempotency-key": "k1" };
    process.kill(redis.pid as number, "SIGSTOP");
    const response = await ingress
      .post("/v1/channels/unsure/prompts", PROMPT, once)
      .finally(() => process.kill(redis.pid as number, "SIGCONT"));
    const body = (await response.json()) as { outcome: string; promptId: string };
    expect(body.outcome).toBe("unknown");
    // Whether Redis still read it depends on how the connection was given up: both are possible.
    const repeated = await waitUntil("it is accepted", async () => {
      const again = await ingress.post("/v1/channels/unsure/prompts", PROMPT, once);
      return again.status === 202 ? ((await again.json()) as { id: string }) : undefined;
    });
    expect(repeated.id).toBe(body.promptId);
    const list = await (await ingress.fetch("/v1/prompts?channel=unsure")).json();
    expect(list).toMatchObject({ items: [{ id: body.promptId }] });
    expect((list as { items: unknown[] }).items).toHaveLength(1);
  },
);

needsRealRedis("a stream goes on without a gap after the store hung", async () => {
  const goOn = Promise.withResolvers<void>();
  worker = await actAsWorker(redis.url, async (turn) => {
    await turn.say("before");
    await goOn.promise;
    await turn.say("after");
  });
  const response = await ingress.post("/v1/channels/ops/prompts", PROMPT, {
    accept: "text/event-stream",
  });
  const reading = collectEvents(response, (event) => {
    if (event.type === "update" && !isStopped) {
      isStopped = true;
      process.kill(redis.pid as number, "SIGSTOP");
    }
    return false;
  });
  let isStopped = false;
  await waitUntil("the store hangs", () => isStopped);
  expect((await ingress.fetch("/readyz")).status).toBe(503);
  process.kill(redis.pid as number, "SIGCONT");
  goOn.resolve();
  const events = await reading;
  expect(typesOf(events)).toEqual(["accepted", "started", "update", "update", "completed"]);
});
