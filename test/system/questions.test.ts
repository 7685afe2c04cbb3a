import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelsClient, openChannelsClient } from "@pilotlight/channels";
import type { Question, QuestionAnswer } from "@pilotlight/contracts";
import { createLogger } from "@pilotlight/lifecycle";
import { connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import { isAlive, type RedisServer, startRedisServer, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let server: RedisServer;
let client: ChannelsClient;
let redis: Redis;
let system: TestSystem;
let ledgers: string;
beforeEach(async ({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
  server = await startRedisServer();
  redis = connectRedis({ url: server.url, name: "test" });
  await whenReady(redis, 5000);
  client = await openChannelsClient({
    url: server.url,
    name: "people",
    limits: { queuePerChannel: 9, queueTotal: 99, eventsPerChannel: 10_000, retentionMs: 600_000 },
    log: createLogger("test", "silent"),
  });
  ledgers = mkdtempSync(join(tmpdir(), "pilotlight-ledger-"));
});
afterEach(async () => {
  await system?.stop();
  await client?.close();
  redis?.disconnect();
  await server?.stop();
  rmSync(ledgers, { recursive: true, force: true });
});

async function open(acp = ""): Promise<void> {
  system = await openSystem({
    env: { REDIS_URL: server.url },
    config: `
[acp]
${acp}
[workers]
lease_ttl_secs = 3
[agents.demo]
set = { DEMO_CHUNK_MS = "0", DEMO_LEDGER_DIR = "${ledgers}" }
`,
  });
}

const ALLOW: QuestionAnswer = { at: "selected", optionId: "go-ahead", kind: "allow_once" };
const ALWAYS: QuestionAnswer = {
  at: "selected",
  optionId: "go-ahead-for-good",
  kind: "allow_always",
};
const DENY: QuestionAnswer = { at: "selected", optionId: "leave-it", kind: "reject_once" };

/** The question that the prompt's agent waits with, besides those that were seen before. */
const asked = (promptId: string, ...seen: string[]): Promise<Question> =>
  waitUntil("its agent asks", async () => {
    const { items } = await client.questions.list({ state: "pending", promptId, limit: 10 });
    return items.find(({ id }) => !seen.includes(id));
  });

const answer = (id: string, what: QuestionAnswer) =>
  client.questions.answer(id, { answer: what, by: "person" });

/** What a client saw of the channel's questions: each state of each question, in order. */
async function seen(channel = "ops"): Promise<string[]> {
  const states: string[] = [];
  const names = new Map<string, number>();
  const stream = client.streamEvents(channel, {
    after: "0-0",
    signal: AbortSignal.timeout(10_000),
    onlyLogged: true,
  });
  for await (const events of stream) {
    for (const { type, data } of events) {
      if (type === "permission" || type === "elicitation") {
        const { id, state } = JSON.parse(data).question as Question;
        names.set(id, names.get(id) ?? names.size + 1);
        states.push(`${names.get(id)} ${state}`);
      }
    }
  }
  return states;
}

const lines = (path: string) =>
  existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
const written = (name = "notes.txt", channel = "ops") =>
  lines(join(system.dataDir, "channels", channel, "workspace", name));
const ledger = (name: string) => lines(join(ledgers, name));

async function sessionPid(channel = "ops"): Promise<number> {
  const session = (await system.sessions()).find((one) => one.channel === channel);
  return session?.pid ?? 0;
}

async function killWorker(): Promise<void> {
  const [pid = 0] = await system.workerPids();
  process.kill(pid, "SIGKILL");
}

/** Nobody has to answer anything any more, and nothing but records that expire is left of it. */
async function nothingIsOpen(): Promise<void> {
  expect(await redis.exists("{pl}:questions")).toBe(0);
  expect(await redis.keys("{pl}:questionsof:*")).toEqual([]);
}

const EDIT = "[[plan 2]] [[permission edit notes.txt]]";

describe("an agent that asks for leave", () => {
  it("waits, and goes on in the same turn and process when it gets it", async () => {
    await open();
    const id = await system.send("ops", { prompt: `${EDIT} [[ledger ran once]]` });
    const question = await asked(id);
    expect(question).toMatchObject({
      type: "permission",
      toolCall: { kind: "edit", paths: ["notes.txt"] },
      always: { kind: "edit", paths: ["notes.txt"] },
    });
    expect(await system.prompt(id)).toMatchObject({
      state: "waiting",
      waitingFor: "permission",
      plan: [{ status: "completed" }, { status: "completed" }],
    });
    expect((await system.sessions())[0]).toMatchObject({ state: "waiting", promptId: id });
    const pid = await sessionPid();
    expect(written()).toEqual([]);
    expect((await answer(question.id, ALLOW)).at).toBe("answered");
    const prompt = await system.finished(id);
    expect(prompt).toMatchObject({ state: "completed", attempts: [{ outcome: "completed" }] });
    expect(prompt.attempts).toHaveLength(1);
    expect(prompt.text).toContain("allowed (allow_once)");
    expect(written()).toHaveLength(1);
    expect(ledger("ran")).toHaveLength(1);
    expect(await sessionPid()).toBe(pid);
    expect(await seen()).toEqual(["1 pending", "1 answered"]);
    await nothingIsOpen();
  }, 60_000);

  it("goes on without it when a person denies it", async () => {
    await open();
    const id = await system.send("ops", { prompt: EDIT });
    await answer((await asked(id)).id, DENY);
    const prompt = await system.finished(id);
    expect(prompt.state).toBe("completed");
    expect(prompt.text).toContain("not allowed (reject_once)");
    expect(written()).toEqual([]);
  }, 60_000);

  it("goes on without it when nobody answers in time", async () => {
    await open("permission_secs = 1");
    const id = await system.send("ops", { prompt: EDIT });
    const question = await asked(id);
    const prompt = await system.finished(id);
    expect(prompt.state).toBe("completed");
    expect(prompt.text).toContain("not allowed");
    expect(written()).toEqual([]);
    expect((await answer(question.id, ALLOW)).at).toBe("expired");
    expect(await seen()).toEqual(["1 pending", "1 expired"]);
    await nothingIsOpen();
  }, 60_000);

  it("is not asked about what was always allowed, until that is revoked", async () => {
    await open();
    const first = await system.send("ops", { prompt: EDIT });
    await answer((await asked(first)).id, ALWAYS);
    // Our own grant is the one that lasts: it can be taken back.
    expect((await system.finished(first)).text).toContain("allowed (allow_once)");
    expect((await system.ask("ops", EDIT)).text).toContain("allowed (allow_once)");
    const [grant] = await client.questions.listGrants("ops");
    await client.questions.revokeGrant("ops", grant?.id ?? "");
    const last = await system.send("ops", { prompt: EDIT });
    await answer((await asked(last)).id, DENY);
    await system.finished(last);
    expect(written()).toHaveLength(2);
  }, 60_000);

  it("may ask for several things at once, each with an answer of its own", async () => {
    await open();
    const id = await system.send("ops", { prompt: "[[permissions 3 edit notes.txt]]" });
    const questions = await waitUntil("it asks for all", async () => {
      const { items } = await client.questions.list({ state: "pending", promptId: id, limit: 9 });
      return items.length === 3 ? items : undefined;
    });
    for (const question of questions) {
      const [path = ""] = question.type === "permission" ? question.toolCall.paths : [];
      await answer(question.id, path.startsWith("2") ? DENY : ALLOW);
      if (question !== questions.at(-1)) {
        expect((await system.prompt(id)).state).toBe("waiting");
      }
    }
    await system.finished(id);
    expect([1, 2, 3].map((n) => written(`${n}-notes.txt`).length)).toEqual([1, 0, 1]);
  }, 60_000);

  it("may take its question back, and nobody can answer it any more", async () => {
    await open();
    const id = await system.send("ops", { prompt: "[[withdraw permission 300]] [[slow 500]]" });
    const question = await asked(id);
    await waitUntil("it is closed", async () => {
      return (await client.questions.get(question.id))?.state === "cancelled";
    });
    expect((await answer(question.id, ALLOW)).at).toBe("over");
    expect((await system.finished(id)).state).toBe("completed");
  }, 60_000);

  it("is cancelled with its question, and its session takes the next prompt", async () => {
    await open();
    const id = await system.send("ops", { prompt: EDIT });
    const question = await asked(id);
    const pid = await sessionPid();
    expect(await client.cancel(id)).toEqual({ at: "requested" });
    expect((await system.finished(id)).state).toBe("cancelled");
    expect((await client.questions.get(question.id))?.state).toBe("cancelled");
    expect((await system.ask("ops", "next")).state).toBe("completed");
    expect(await sessionPid()).toBe(pid);
    expect(written()).toEqual([]);
    await nothingIsOpen();
  }, 60_000);

  it("is not taken for idle, however long a person takes", async () => {
    await open("keep_alive_secs = 2");
    const id = await system.send("ops", { prompt: EDIT });
    const question = await asked(id);
    const pid = await sessionPid();
    await sleep(6000);
    expect(isAlive(pid)).toBe(true);
    expect(await sessionPid()).toBe(pid);
    await answer(question.id, ALLOW);
    expect(await system.finished(id)).toMatchObject({ state: "completed", attempts: [{}] });
    expect(written()).toHaveLength(1);
  }, 60_000);

  it("may ask a person for more than leave", async () => {
    await open();
    const id = await system.send("ops", { prompt: "[[elicit form name count]]" });
    const question = await asked(id);
    expect(question).toMatchObject({ type: "elicitation", form: { type: "object" } });
    expect(await system.prompt(id)).toMatchObject({ waitingFor: "elicitation" });
    await answer(question.id, { at: "accepted", content: { name: "Ada", count: 3 } });
    const { text } = await system.finished(id);
    expect(text).toContain("Ada");
    expect(text).toContain("3");
  }, 60_000);
});

describe("a worker that is killed while a person is asked", () => {
  it("asks again exactly once, and tells the plan all along", async () => {
    await open();
    await system.ask("ops", "my number is 42");
    const id = await system.send("ops", {
      prompt: `[[ledger begun one]] ${EDIT} [[ledger done one]] [[recall]]`,
    });
    const first = await asked(id);
    const agent = await sessionPid();
    await killWorker();
    const second = await asked(id, first.id);
    expect(isAlive(agent)).toBe(false);
    expect((await answer(first.id, ALLOW)).at).toBe("over");
    expect(await system.prompt(id)).toMatchObject({ state: "waiting", plan: [{}, {}] });
    await answer(second.id, ALLOW);
    const prompt = await system.finished(id);
    expect(prompt).toMatchObject({
      state: "completed",
      attempts: [{ outcome: "interrupted" }, { recovery: "continue", opened: "resumed" }],
    });
    expect(prompt.text).toContain("my number is 42");
    expect(written()).toHaveLength(1);
    expect(ledger("begun")).toHaveLength(1);
    expect(ledger("done")).toHaveLength(1);
    expect(await client.questions.get(first.id)).toMatchObject({ supersededBy: second.id });
    expect(await seen()).toEqual(["1 pending", "1 superseded", "2 pending", "2 answered"]);
    await nothingIsOpen();
  }, 60_000);

  it("is not needed for the answer: the next one uses it, and asks nobody", async () => {
    await open();
    await system.ask("ops", "hello");
    const id = await system.send("ops", { prompt: `${EDIT} [[ledger done one]]` });
    const question = await asked(id);
    // The last moment before the takeover: nobody looks any more.
    const [pid = 0] = await system.workerPids();
    process.kill(pid, "SIGSTOP");
    expect((await answer(question.id, ALLOW)).at).toBe("answered");
    process.kill(pid, "SIGKILL");
    const prompt = await system.finished(id);
    expect(prompt).toMatchObject({ state: "completed", attempts: [{}, { recovery: "continue" }] });
    expect(written()).toHaveLength(1);
    expect(ledger("done")).toHaveLength(1);
    expect(await seen()).toEqual(["1 pending", "1 answered", "2 answered"]);
    expect(await client.readCounts()).toMatchObject({ answersCarried: 1 });
    await nothingIsOpen();
  }, 60_000);

  it("is not needed for an answer, but a session that begins anew asks all the same", async () => {
    await open();
    // Without a turn before it the demo agent kept nothing: the session cannot be resumed.
    const id = await system.send("ops", { prompt: EDIT });
    const question = await asked(id);
    const [pid = 0] = await system.workerPids();
    process.kill(pid, "SIGSTOP");
    await answer(question.id, ALLOW);
    rmSync(join(system.dataDir, "channels", "ops", "config"), { recursive: true, force: true });
    process.kill(pid, "SIGKILL");
    const again = await asked(id, question.id);
    expect(written()).toEqual([]);
    await answer(again.id, ALLOW);
    const prompt = await system.finished(id);
    expect(["fresh", "recap"]).toContain(prompt.attempts[1]?.opened);
    expect(written()).toHaveLength(1);
  }, 60_000);

  it("never does a thing twice, whenever it dies", async () => {
    await open();
    await system.ask("ops", "hello");
    for (let round = 0; round < 10; round += 1) {
      const before = written(`${round}.txt`).length;
      const id = await system.send("ops", {
        prompt: `[[permission edit ${round}.txt]] [[ledger done r${round}]]`,
      });
      const question = await asked(id);
      const told: Promise<unknown>[] = [];
      const dying = (async () => {
        await sleep(Math.random() * 15);
        await killWorker();
      })();
      await sleep(Math.random() * 15);
      told.push(answer(question.id, ALLOW));
      await dying;
      // Whoever is asked again allows it again.
      const end = new AbortController();
      const people = (async () => {
        while (!end.signal.aborted) {
          const open = await client.questions.list({ state: "pending", promptId: id, limit: 9 });
          for (const one of open.items) {
            await answer(one.id, ALLOW);
          }
          await sleep(20);
        }
      })();
      const prompt = await system.finished(id);
      end.abort();
      await Promise.all([people, ...told]);
      expect(prompt.state).toBe("completed");
      const questions = await client.questions.list({ promptId: id, limit: 9 });
      const applied = questions.items.filter((one) => one.applied);
      // The agent may have been told, and killed before or after it wrote: each leave is used at most once.
      expect(written(`${round}.txt`).length - before).toBeLessThanOrEqual(applied.length);
      expect(written(`${round}.txt`).length).toBeGreaterThanOrEqual(1);
      expect(ledger("done").filter((line) => line.includes(`"r${round}"`))).toHaveLength(1);
      const dialogs = (await seen()).filter((state) => state.endsWith("pending"));
      expect(dialogs.length).toBeLessThanOrEqual(2 * (round + 1));
    }
    await nothingIsOpen();
  }, 240_000);
});

describe("something else that dies while a person is asked", () => {
  it("an agent: it is started again and asks again exactly once", async () => {
    await open();
    await system.ask("ops", "hello");
    const id = await system.send("ops", { prompt: EDIT });
    const first = await asked(id);
    process.kill(await sessionPid(), "SIGKILL");
    const second = await asked(id, first.id);
    await answer(second.id, ALLOW);
    const prompt = await system.finished(id);
    expect(prompt).toMatchObject({ state: "completed", attempts: [{}, { recovery: "continue" }] });
    expect(written()).toHaveLength(1);
    expect(await seen()).toEqual(["1 pending", "1 superseded", "2 pending", "2 answered"]);
  }, 60_000);

  it("an ingress: nobody notices but who is connected to it", async () => {
    await open();
    const id = await system.send("ops", { prompt: EDIT });
    const question = await asked(id);
    const children = execFileSync("pgrep", ["-P", String(system.pid), "-f", "apps/ingress"]);
    process.kill(Number(String(children).trim().split("\n")[0]), "SIGKILL");
    expect((await answer(question.id, ALLOW)).at).toBe("answered");
    await waitUntil("the turn is over", async () => (await client.getPrompt(id))?.finishedAt);
    expect(written()).toHaveLength(1);
    expect(await seen()).toEqual(["1 pending", "1 answered"]);
  }, 60_000);

  it("a Redis: the question is still asked when it is back", async () => {
    await open();
    const id = await system.send("ops", { prompt: EDIT });
    const question = await asked(id);
    const pid = await sessionPid();
    await server.end("SIGKILL");
    await server.startAgain();
    await waitUntil("it can be answered", async () => {
      const outcome = await answer(question.id, ALLOW).catch(() => undefined);
      return outcome?.at === "answered" || outcome?.at === "same";
    });
    const prompt = await system.finished(id);
    expect(prompt).toMatchObject({ state: "completed", attempts: [{}] });
    expect(prompt.attempts).toHaveLength(1);
    expect(await sessionPid()).toBe(pid);
    expect(written()).toHaveLength(1);
    expect(await seen()).toEqual(["1 pending", "1 answered"]);
  }, 60_000);
});

it("hands a turn over that waits for a person when its worker is drained", async () => {
  await open();
  await system.ask("ops", "hello");
  const id = await system.send("ops", { prompt: EDIT });
  const first = await asked(id);
  const [pid = 0] = await system.workerPids();
  process.kill(pid, "SIGTERM");
  const second = await asked(id, first.id);
  await answer(second.id, ALLOW);
  expect(await system.finished(id)).toMatchObject({ state: "completed", attempts: [{}, {}] });
  expect(written()).toHaveLength(1);
}, 60_000);
