import type { Prompt } from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
beforeAll(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url);
});
afterAll(async () => {
  await ingress.service.stop();
  await redis.stop();
});

const UNKNOWN = "p_00000000000000000000000000";

async function enqueue(channel: string, body: object): Promise<Response> {
  return await ingress.post(`/v1/channels/${channel}/prompts`, body);
}

const put = (channel: string, body: object) =>
  ingress.fetch(`/v1/channels/${channel}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

describe("a decision", () => {
  it("about a prompt that waits for none is refused, and says what it is instead", async () => {
    const { id } = (await (await enqueue("ops", { prompt: "x" })).json()) as { id: string };
    const response = await ingress.post(`/v1/prompts/${id}/decision`, { decision: "continue" });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: "no_decision_needed",
      detail: expect.stringContaining("accepted"),
    });
  });

  it("about a prompt that does not exist is 404", async () => {
    const response = await ingress.post(`/v1/prompts/${UNKNOWN}/decision`, { decision: "rerun" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "prompt_not_found" });
  });

  it.each([
    [{}, "invalid_value", "/decision"],
    [{ decision: "perhaps" }, "invalid_value", "/decision"],
    [{ decision: 7 }, "wrong_type", "/decision"],
    [{ decision: "rerun", why: "x" }, "unknown_field", "/why"],
  ])("%j is refused with %s at %s", async (body, code, pointer) => {
    const response = await ingress.post(`/v1/prompts/${UNKNOWN}/decision`, body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code, errors: [{ pointer }] });
  });
});

describe("a prompt's word about interruptions", () => {
  it("is on its record", async () => {
    const response = await enqueue("ops", {
      prompt: "x",
      onInterrupted: "rerun",
      idempotent: true,
    });
    const { id } = (await response.json()) as { id: string };
    const prompt = (await (await ingress.fetch(`/v1/prompts/${id}`)).json()) as Prompt;
    expect(prompt).toMatchObject({ onInterrupted: "rerun", idempotent: true });
  });

  it("must not be rerun where sending it twice may do harm", async () => {
    const response = await enqueue("ops", { prompt: "x", onInterrupted: "rerun" });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: "invalid_value",
      errors: [{ pointer: "/onInterrupted" }],
    });
  });
});

describe("a channel's settings", () => {
  it("are all set at once, and shown", async () => {
    const settings = { onInterrupted: "ask", priority: 7 };
    const response = await put("set", settings);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ channel: "set", settings, sessions: [] });
    await put("set", { priority: 1 });
    expect(await (await ingress.fetch("/v1/channels/set")).json()).toMatchObject({
      settings: { priority: 1 },
    });
    expect(await (await put("set", {})).json()).toMatchObject({ settings: {} });
  });

  it("of a channel that was never used are the defaults", async () => {
    expect(await (await ingress.fetch("/v1/channels/never")).json()).toEqual({
      channel: "never",
      settings: {},
      sessions: [],
    });
  });

  it.each([
    [{ onInterrupted: "later" }, "/onInterrupted"],
    [{ priority: 10 }, "/priority"],
    [{ priority: 1.5 }, "/priority"],
    [{ priority: "high" }, "/priority"],
    [{ env: {} }, "/env"],
  ])("%j is refused at %s", async (body, pointer) => {
    const response = await put("set", body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] });
  });
});
