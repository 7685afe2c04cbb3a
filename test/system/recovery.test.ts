import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Decision } from "@pilotlight/contracts";
import { isAlive, type ReceivedEvent, readEvents, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let dir: string;
let system: TestSystem;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pilotlight-ledger-"));
  mkdirSync(dir, { recursive: true });
});
afterEach(async () => {
  await system.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Keeps the agent at work for three seconds. */
const BUSY = "[[chunk-ms 100]] [[words 30]]";

/** `trusted`: the agent is known to ask before it changes anything. */
async function open(agent: "trusted" | "untrusted", acp = ""): Promise<void> {
  system = await openSystem({
    config: `
[acp]
${acp}
[agents.demo]
asks_before_changes = ${agent === "trusted"}
set = { DEMO_CHUNK_MS = "0", DEMO_LEDGER_DIR = "${dir}" }
`,
  });
}

const ledger = (name: string) =>
  existsSync(join(dir, name)) ? readFileSync(join(dir, name), "utf8").trim().split("\n") : [];

async function running(id: string, attempt = 1): Promise<void> {
  await waitUntil(`attempt ${attempt} runs`, async () => {
    const { state, attempts } = await system.prompt(id);
    return state === "running" && attempts.length === attempt;
  });
}

async function killWorker(): Promise<void> {
  const [pid = 0] = await system.workerPids();
  process.kill(pid, "SIGKILL");
}

const decide = (id: string, decision: Decision) =>
  system.fetch(`/v1/prompts/${id}/decision`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ decision }),
  });

describe("a turn whose worker is killed", () => {
  it("is continued in the same conversation, and does not do again what was done", async () => {
    await open("untrusted");
    const before = await system.ask("ops", "my number is 42");
    const id = await system.send("ops", {
      prompt: `[[ledger done one]] ${BUSY} [[recall]]`,
    });
    await waitUntil("the side effect is there", () => ledger("done").length === 1);
    const [{ pid: agent = 0 } = {}] = await system.sessions();
    await killWorker();
    const prompt = await system.finished(id);
    expect(isAlive(agent)).toBe(false);
    expect(prompt).toMatchObject({
      state: "completed",
      session: { id: before.session?.id, opened: "resumed" },
      attempts: [{ outcome: "interrupted" }, { recovery: "continue", opened: "resumed" }],
    });
    expect(prompt.attempts).toHaveLength(2);
    expect(prompt.attempts[1]?.worker).not.toBe(prompt.attempts[0]?.worker);
    expect(prompt.text).toContain("my number is 42");
    expect(prompt.text).toContain("one is done already.");
    expect(ledger("done")).toHaveLength(1);
  }, 60_000);

  it("is simply sent again where its agent asks before changes and was granted nothing", async () => {
    await open("trusted", 'on_interrupted = "abandon"');
    const id = await system.send("ops", { prompt: "[[slow 3000]] hello" });
    await running(id);
    await killWorker();
    expect(await system.finished(id)).toMatchObject({
      state: "completed",
      attempts: [{ outcome: "interrupted" }, { recovery: "retry", outcome: "completed" }],
    });
  }, 60_000);

  it("is run again where the caller said that this does no harm", async () => {
    await open("untrusted");
    const id = await system.send("ops", {
      prompt: `[[ledger done one]] ${BUSY}`,
      idempotent: true,
      onInterrupted: "rerun",
    });
    await waitUntil("the side effect is there", () => ledger("done").length === 1);
    await killWorker();
    expect(await system.finished(id)).toMatchObject({
      state: "completed",
      attempts: [{}, { recovery: "rerun" }],
    });
    expect(ledger("done")).toHaveLength(2);
  }, 60_000);

  it("is given up where its channel says so, and the next prompt is answered", async () => {
    await open("untrusted");
    await system.fetch("/v1/channels/ops", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ onInterrupted: "abandon" }),
    });
    const id = await system.send("ops", { prompt: "[[slow 3000]] hello" });
    const next = await system.send("ops", { prompt: "next" });
    await running(id);
    await killWorker();
    expect(await system.finished(id)).toMatchObject({
      state: "interrupted",
      error: { code: "interrupted" },
    });
    expect((await system.finished(next)).state).toBe("completed");
  }, 60_000);

  it("asks after two recoveries without a person", async () => {
    await open("untrusted");
    const id = await system.send("ops", { prompt: "[[slow 4000]] hello" });
    for (const attempt of [1, 2, 3]) {
      await running(id, attempt);
      await killWorker();
    }
    const prompt = await waitUntil("it asks", async () => {
      const record = await system.prompt(id);
      return record.state === "waiting" ? record : undefined;
    });
    expect(prompt).toMatchObject({ waitingFor: "decision" });
    expect(prompt.attempts).toHaveLength(3);
    expect((await decide(id, "continue")).status).toBe(200);
    const end = await system.finished(id);
    expect(end.state).toBe("completed");
    expect(end.attempts[3]).toMatchObject({ recovery: "continue", outcome: "completed" });
  }, 90_000);

  it("is told on one stream from its beginning to its end, each event once", async () => {
    await open("untrusted");
    const id = await system.send("ops", { prompt: "[[words 50]] [[slow 2000]]" });
    const stream = await system.fetch(`/v1/prompts/${id}/events`, {
      headers: { accept: "text/event-stream" },
    });
    await running(id);
    await killWorker();
    const events: ReceivedEvent[] = [];
    for await (const event of readEvents(stream)) {
      events.push(event);
    }
    const ids = events.map((event) => event.id);
    expect(new Set(ids).size).toBe(ids.length);
    const types = events.map((event) => event.type);
    expect(types.filter((type) => type === "started")).toHaveLength(2);
    expect(types).not.toContain("gap");
    expect(types.at(-1)).toBe("completed");
  }, 60_000);
});

describe("an agent that is killed in the middle of a turn", () => {
  it("is started again by the same worker and continues the conversation", async () => {
    await open("untrusted");
    await system.ask("ops", "my number is 42");
    const id = await system.send("ops", { prompt: "[[slow 3000]] [[recall]]" });
    await running(id);
    const [{ pid = 0 } = {}] = await system.sessions();
    process.kill(pid, "SIGKILL");
    const prompt = await system.finished(id);
    expect(prompt).toMatchObject({
      state: "completed",
      attempts: [{}, { recovery: "continue", opened: "resumed" }],
    });
    expect(prompt.attempts[1]?.worker).toBe(prompt.attempts[0]?.worker);
    expect(prompt.text).toContain("my number is 42");
  }, 60_000);
});

describe("a prompt that was interrupted after an allowed write, under the policy ask", () => {
  const PROMPT = `[[permission edit notes.txt]] ${BUSY}`;

  async function interrupted(): Promise<{ id: string; next: string }> {
    await open("trusted", 'permissions = "approve-all"\non_interrupted = "ask"');
    const id = await system.send("ops", { prompt: PROMPT });
    const next = await system.send("ops", { prompt: "next" });
    await running(id);
    await waitUntil("the write was allowed", async () => {
      const place = join(system.dataDir, "channels", "ops", "workspace", "notes.txt");
      return existsSync(place);
    });
    await killWorker();
    await waitUntil("it asks", async () => (await system.prompt(id)).state === "waiting");
    return { id, next };
  }

  it("holds its channel, says why, and continues when a person says so; twice changes nothing", async () => {
    const { id, next } = await interrupted();
    const record = await system.prompt(id);
    expect(record).toMatchObject({ waitingFor: "decision" });
    expect(record.waitingReason).toContain("worker");
    const channel = await (await system.fetch("/v1/channels/ops")).json();
    expect(channel).toMatchObject({ blocked: { reason: "decision", promptId: id } });
    expect((await system.ask("other", "hello")).state).toBe("completed");
    expect((await system.prompt(next)).state).toBe("accepted");

    const first = await decide(id, "continue");
    expect(first.status).toBe(200);
    expect((await decide(id, "continue")).status).toBe(200);
    const refused = await decide(id, "abandon");
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: "already_decided" });
    const end = await system.finished(id);
    expect(end).toMatchObject({
      state: "completed",
      decision: { decision: "continue" },
      attempts: [{}, { recovery: "continue", opened: "resumed" }],
    });
    expect(end.attempts).toHaveLength(2);
    expect((await system.finished(next)).state).toBe("completed");
    const after = (await (await system.fetch("/v1/channels/ops")).json()) as object;
    expect(after).not.toHaveProperty("blocked");
  }, 60_000);

  it("is run again when a person says so", async () => {
    const { id, next } = await interrupted();
    expect((await decide(id, "rerun")).status).toBe(200);
    expect(await system.finished(id)).toMatchObject({
      state: "completed",
      attempts: [{}, { recovery: "rerun" }],
    });
    expect((await system.finished(next)).state).toBe("completed");
  }, 60_000);

  it("ends as interrupted when a person gives it up, and what waited is answered", async () => {
    const { id, next } = await interrupted();
    expect((await decide(id, "abandon")).status).toBe(200);
    expect(await system.finished(id)).toMatchObject({ state: "interrupted" });
    expect((await system.prompt(id)).attempts).toHaveLength(1);
    expect((await decide(id, "abandon")).status).toBe(200);
    expect((await system.finished(next)).state).toBe("completed");
  }, 60_000);
});
