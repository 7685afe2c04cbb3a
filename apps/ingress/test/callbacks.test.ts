import type { Prompt } from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import {
  type CallbackEndpoint,
  startCallbackEndpoint,
  startTestServer,
  waitUntil,
} from "@pilotlight/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ActingWorker, actAsWorker } from "./support/act-as-worker.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const env = { CALLBACK_SECRET: SECRET };

let redis: EmbeddedRedis;
let worker: ActingWorker;
let endpoint: CallbackEndpoint;
let other: CallbackEndpoint;
const running: RunningIngress[] = [];
beforeAll(async () => {
  redis = await startTestServer();
  worker = await actAsWorker(redis.url, (turn) => turn.say("done"));
});
afterAll(async () => {
  await worker.stop();
  await redis.stop();
});
beforeEach(async () => {
  endpoint = await startCallbackEndpoint(SECRET);
  other = await startCallbackEndpoint(SECRET);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ service }) => service.stop()));
  await Promise.all([endpoint.stop(), other.stop()]);
});

async function start(callbacks: Record<string, unknown> = {}): Promise<RunningIngress> {
  const ingress = await startIngress(
    redis.url,
    {
      callbacks: {
        secret_env: "CALLBACK_SECRET",
        allow_private: [endpoint.hostAndPort, other.hostAndPort],
        retry_secs: 0.1,
        ...callbacks,
      },
    },
    env,
  );
  running.push(ingress);
  return ingress;
}

async function send(
  ingress: RunningIngress,
  channel: string,
  callbackUrl: string,
): Promise<string> {
  const response = await ingress.post(`/v1/channels/${channel}/prompts`, {
    prompt: "hello",
    callbackUrl,
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

const promptOf = async (ingress: RunningIngress, id: string) =>
  (await (await ingress.fetch(`/v1/prompts/${id}`)).json()) as Prompt;

async function counted(ingress: RunningIngress, id: string, counts: object): Promise<void> {
  await waitUntil(`the record of ${id} says ${JSON.stringify(counts)}`, async () => {
    const { callbacks } = await promptOf(ingress, id);
    return Object.entries(counts).every(
      ([name, count]) => callbacks?.[name as "delivered"] === count,
    );
  });
}

describe("a callback URL", () => {
  it.each([
    ["http://hooks.example.com/?token=hidden"],
    ["file:///etc/passwd"],
    ["gopher://hooks.example.com/"],
    ["https://user:hidden@hooks.example.com/"],
    ["https://hooks.example.com:22/"],
    ["https://127.0.0.1/"],
    ["https://2130706433/"],
    ["https://[::ffff:127.0.0.1]/"],
    ["https://169.254.169.254/latest/meta-data"],
    ["https://localhost/"],
    ["hidden"],
    [""],
  ])("%s is refused, and not repeated", async (callbackUrl) => {
    const ingress = await start();
    const response = await ingress.post("/v1/channels/ops/prompts", { prompt: "x", callbackUrl });
    expect(response.status).toBe(422);
    const problem = await response.text();
    expect(JSON.parse(problem)).toMatchObject({
      code: "callback_url_not_allowed",
      errors: [{ pointer: "/callbackUrl" }],
    });
    expect(problem).not.toContain("hidden");
  });

  it("is refused where nothing would sign what is sent to it", async () => {
    const without = await startIngress(redis.url);
    running.push(without);
    const url = "https://hooks.example.com/";
    const elsewhere = await start({
      secret_env: undefined,
      secrets: { "*.example.org": "CALLBACK_SECRET" },
    });
    for (const ingress of [without, elsewhere]) {
      const body = { prompt: "x", callbackUrl: url };
      const response = await ingress.post("/v1/channels/ops/prompts", body);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ code: "callback_url_not_allowed" });
    }
  });

  it.each([
    [7, "wrong_type"],
    [`https://example.com/${"x".repeat(2048)}`, "invalid_value"],
  ])("must be text of a bearable length", async (callbackUrl, code) => {
    const ingress = await start();
    const response = await ingress.post("/v1/channels/ops/prompts", { prompt: "x", callbackUrl });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code });
  });
});

it("tells every fault of its secrets before it listens", async () => {
  const callbacks = { secret_env: "NOT_SET", secrets: { "a.example.com": "SHORT" } };
  const starting = startIngress(redis.url, { callbacks }, { SHORT: "whsec_c2hvcnQ=" });
  await expect(starting).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    faults: [/SHORT must hold/, /NOT_SET is not set/].map((text) => expect.stringMatching(text)),
  });
});

it("sends the end of a prompt, signed, and shows on the record that it did", async () => {
  const ingress = await start();
  const id = await send(ingress, "ops", endpoint.url);
  await counted(ingress, id, { delivered: 1, pending: 0 });
  expect(endpoint.seen).toEqual([
    expect.objectContaining({
      type: "completed",
      id: `${id}_1`,
      promptId: id,
      channel: "ops",
      state: "completed",
      stopReason: "end_turn",
    }),
  ]);
  const record = JSON.stringify(await promptOf(ingress, id));
  expect(record).not.toContain("hidden");
});

it("tries again until the endpoint takes it, under the same id", async () => {
  const ingress = await start();
  endpoint.answerWith(503);
  const id = await send(ingress, "ops", endpoint.url);
  await waitUntil("it was tried twice", () => endpoint.seen.length >= 2);
  expect((await promptOf(ingress, id)).callbacks).toMatchObject({
    delivered: 0,
    pending: 1,
    lastError: { code: "refused", status: 503 },
  });
  endpoint.answerWith(200);
  await counted(ingress, id, { delivered: 1, pending: 0, failed: 0 });
  expect(new Set(endpoint.seen.map((seen) => seen.id))).toEqual(new Set([`${id}_1`]));
});

it("does not follow a redirect", async () => {
  const ingress = await start();
  endpoint.answerWith(307, { location: other.url });
  const id = await send(ingress, "ops", endpoint.url);
  await waitUntil(
    "the redirect was told",
    async () => (await promptOf(ingress, id)).callbacks?.lastError?.code === "redirected",
  );
  expect(other.seen).toEqual([]);
});

it("ends with an endpoint that is gone", async () => {
  const ingress = await start();
  endpoint.answerWith(410);
  const id = await send(ingress, "ops", endpoint.url);
  await counted(ingress, id, { delivered: 0, pending: 0, failed: 1 });
  expect(endpoint.seen).toHaveLength(1);
});

it("sends nothing to where the configuration does not allow it any more", async () => {
  const [before] = [await start()];
  endpoint.answerWith(503);
  const id = await send(before, "ops", endpoint.url);
  await waitUntil("it was tried", () => endpoint.seen.length > 0);
  await before.service.stop();
  const tries = endpoint.seen.length;
  endpoint.answerWith(204);
  const after = await start({ allow_private: [other.hostAndPort] });
  await counted(after, id, { delivered: 0, pending: 0, failed: 1 });
  expect((await promptOf(after, id)).callbacks?.lastError?.code).toBe("url_not_allowed");
  expect(endpoint.seen).toHaveLength(tries);
});

it("lets an endpoint that never answers delay nobody else", async () => {
  const ingress = await start();
  endpoint.answerWith(undefined);
  const stuck: string[] = [];
  for (let i = 0; i < 12; i += 1) {
    stuck.push(await send(ingress, `stuck-${i}`, endpoint.url));
  }
  await waitUntil("all places of the endpoint are taken", () => endpoint.seen.length >= 4);
  const id = await send(ingress, "ops", other.url);
  await counted(ingress, id, { delivered: 1 });
  // Each try lasts ten seconds: none of the others had an end in between.
  expect(endpoint.seen.length).toBe(4);
  for (const one of stuck) {
    expect((await promptOf(ingress, one)).callbacks).toMatchObject({ delivered: 0, pending: 1 });
  }
});

it("sends each callback once, however many ingresses there are", async () => {
  const ingresses = [await start(), await start(), await start()];
  const ids: string[] = [];
  for (let i = 0; i < 60; i += 1) {
    ids.push(await send(ingresses[i % 3] as RunningIngress, `many-${i % 7}`, endpoint.url));
  }
  for (const id of ids) {
    await counted(ingresses[0] as RunningIngress, id, { delivered: 1, pending: 0 });
  }
  expect(endpoint.seen.map(({ promptId }) => promptId).sort()).toEqual(ids.sort());
});

it("leaves what it was stopped in to the next one", async () => {
  const before = await start();
  endpoint.answerWith(undefined);
  const id = await send(before, "ops", endpoint.url);
  await waitUntil("it is under way", () => endpoint.seen.length === 1);
  await before.service.stop();
  endpoint.answerWith(204);
  const after = await start();
  await counted(after, id, { delivered: 1, failed: 0 });
  expect((await promptOf(after, id)).callbacks?.lastError).toBeUndefined();
});
