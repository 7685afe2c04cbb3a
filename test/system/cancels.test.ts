import { waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await openSystem({
    config: `
[workers]
max_sessions = 30
[deadlines]
cancel_secs = 1
[agents.demo]
set = { DEMO_CHUNK_MS = "0" }
[agents.slow]
command = ${JSON.stringify([process.execPath, new URL("../../packages/demo-agent/src/main.ts", import.meta.url).pathname])}
set = { DEMO_START_MS = "3000", DEMO_CHUNK_MS = "0" }
`,
  });
});
afterAll(() => system?.stop());

const cancel = (id: string) => system.fetch(`/v1/prompts/${id}/cancel`, { method: "POST" });
const put = (channel: string, settings: object) =>
  system.fetch(`/v1/channels/${channel}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
  });

/** The prompt's turn is under way. */
async function running(id: string): Promise<void> {
  await waitUntil("the turn runs", async () => {
    const { state } = await system.prompt(id);
    return state === "running" || state === "waiting";
  });
}

async function expectCancelled(id: string): Promise<void> {
  expect(await system.finished(id)).toMatchObject({ state: "cancelled", stopReason: "cancelled" });
}

async function expectNextIsAnswered(channel: string): Promise<string | undefined> {
  const next = await system.ask(channel, "are you there?");
  expect(next).toMatchObject({ state: "completed", stopReason: "end_turn" });
  return next.session?.opened;
}

describe("a turn that is cancelled while its agent", () => {
  it.each([
    ["says nothing", "silent"],
    ["retries in silence", "retrying"],
    ["answers the cancel with an error", "failing"],
    ["meets its usage limit", "failing usage limit reached, try again in 1 seconds"],
    ["ends it as if nothing had happened", "stubborn 200"],
    ["waits for leave and cannot be cancelled before it is answered", "permission"],
  ])("%s is over, and its session takes the next prompt", async (_what, mode) => {
    const channel = `hang-${mode.replaceAll(/\W+/g, "-")}`;
    const id = await system.send(channel, { prompt: `[[hang ${mode}]]` });
    await running(id);
    expect((await cancel(id)).status).toBe(202);
    await expectCancelled(id);
    expect(await expectNextIsAnswered(channel)).toBe("warm");
  });

  it.each([
    ["does not hear it", "deaf"],
    ["talks on and on", "babbling"],
    ["sends on and on", "chatty"],
    ["asks again and again", "nagging"],
    ["is stopped", "frozen"],
  ])("%s is over, and the next prompt is answered", async (_what, mode) => {
    const channel = `hang-${mode}`;
    const id = await system.send(channel, { prompt: `[[hang ${mode}]]` });
    await running(id);
    expect((await cancel(id)).status).toBe(202);
    await expectCancelled(id);
    await expectNextIsAnswered(channel);
  });
});

describe("a prompt is cancelled", () => {
  it("while it waits for its turn", async () => {
    const first = await system.send("queued", { prompt: "[[hang silent]]" });
    const second = await system.send("queued", { prompt: "second" });
    await running(first);
    expect((await cancel(second)).status).toBe(200);
    await expectCancelled(second);
    await cancel(first);
    await expectCancelled(first);
    await expectNextIsAnswered("queued");
  });

  it("while its session is being opened", async () => {
    await put("opening", { agents: ["slow"] });
    const id = await system.send("opening", { prompt: "hello" });
    await waitUntil("its agent starts", async () =>
      (await system.sessions()).some(
        ({ channel, state }) => channel === "opening" && state === "warming",
      ),
    );
    expect((await cancel(id)).status).toBe(200);
    await expectCancelled(id);
    await expectNextIsAnswered("opening");
  });

  it("while it is being collected", async () => {
    await put("collecting", { collectSecs: 60 });
    const id = await system.send("collecting", { prompt: "hello", mode: "collect" });
    expect((await cancel(id)).status).toBe(200);
    await expectCancelled(id);
    await expectNextIsAnswered("collecting");
  });

  it("while it waits for its time", async () => {
    const id = await system.send("later", { prompt: "hello", notBefore: 3600 });
    expect((await cancel(id)).status).toBe(200);
    await expectCancelled(id);
    await expectNextIsAnswered("later");
  });

  it("while its agent waits for an answer to a question", async () => {
    const id = await system.send("asked", { prompt: "[[elicit form]]" });
    await waitUntil("it asks", async () => (await system.prompt(id)).waitingFor === "elicitation");
    expect((await cancel(id)).status).toBe(202);
    await expectCancelled(id);
    expect(await expectNextIsAnswered("asked")).toBe("warm");
  });
});
