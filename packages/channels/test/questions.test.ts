import { setTimeout as sleep } from "node:timers/promises";
import { newQuestionId, type Question, type QuestionAnswer } from "@pilotlight/contracts";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError } from "../src/ownership/lease-lost-error.ts";
import type { OwnedChannel } from "../src/ownership/owned-channel.ts";
import type { WorkerStore } from "../src/ownership/worker-store.ts";
import type { AskInput } from "../src/questions/owned-questions.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { settlement } from "./run-prompt.ts";

let server: Awaited<ReturnType<typeof startTestServer>>;
let channels: TestChannels;
let worker: WorkerStore;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  channels = await openTestChannels(server.url);
  await channels.redis.flushall();
  worker = await channels.worker("w1");
});
afterEach(() => channels.close());

const LIVE = { state: "busy", fence: 1, agent: "demo" } as const;
const MINUTE_MS = 60_000;
const ALLOW: QuestionAnswer = { at: "selected", optionId: "yes", kind: "allow_once" };
const ALWAYS: QuestionAnswer = { at: "selected", optionId: "yes", kind: "allow_always" };
const DENY: QuestionAnswer = { at: "selected", optionId: "no", kind: "reject_once" };

function questionOf(
  channel: string,
  promptId: string,
  change: Partial<AskInput> & { hash?: string } = {},
): AskInput {
  const { hash = "h", ...rest } = change;
  return {
    question: {
      type: "permission",
      id: newQuestionId(),
      channel,
      promptId,
      agent: "demo",
      hash,
      toolCall: { toolCallId: "t", kind: "edit", title: "Write it", paths: ["a.txt"] },
      options: [
        { optionId: "yes", name: "Yes", kind: "allow_once" },
        { optionId: "no", name: "No", kind: "reject_once" },
      ],
      always: { kind: "edit", paths: ["a.txt"], description: "edit a.txt" },
    },
    askMs: MINUTE_MS,
    grantMs: MINUTE_MS,
    carry: true,
    grantsKnown: false,
    reason: "the agent asks",
    live: { ...LIVE, state: "waiting" },
    ...rest,
  };
}

/** A prompt of the channel that runs. */
async function running(
  channel = "ops",
  promptId = "p_1",
  store: WorkerStore = worker,
): Promise<OwnedChannel> {
  await channels.enqueue(channel, promptId, "do it");
  const [owned] = await channels.claim(store);
  if (owned === undefined) {
    throw new Error("nothing was claimed");
  }
  await owned.fetch();
  await dispatch(owned, promptId);
  return owned;
}

async function dispatch(owned: OwnedChannel, promptId: string): Promise<void> {
  const session = { id: "s1", opened: "fresh", agent: "demo" } as const;
  const outcome = await owned.dispatch({ promptId, session, live: LIVE, guarded: true });
  expect(outcome.at).toBe("dispatched");
}

async function ask(
  owned: OwnedChannel,
  promptId = "p_1",
  change: Parameters<typeof questionOf>[2] = {},
): Promise<string> {
  const input = questionOf(owned.channel, promptId, change);
  expect((await owned.questions.ask(input)).at).toBe("asked");
  return input.question.id;
}

const answer = (id: string, what: QuestionAnswer, by = "key") =>
  channels.client.questions.answer(id, { answer: what, by });

const take = (owned: OwnedChannel, id: string, promptId = "p_1") =>
  owned.questions
    .take({ promptId, ids: [id], grantMs: MINUTE_MS, live: LIVE })
    .then((taken) => taken.get(id));

/** The attempt is cut off, and begins again under the same owner. */
async function again(owned: OwnedChannel, promptId = "p_1"): Promise<void> {
  const { fence } = owned;
  await owned.recover({ promptId, fence, action: "continue" });
  await dispatch(owned, promptId);
}

async function logged(channel = "ops"): Promise<Question[]> {
  const questions: Question[] = [];
  const stream = channels.client.streamEvents(channel, {
    after: "0-0",
    signal: AbortSignal.timeout(5000),
    onlyLogged: true,
  });
  for await (const events of stream) {
    for (const { type, data } of events) {
      if (type === "permission") {
        questions.push(JSON.parse(data).question);
      }
    }
  }
  return questions;
}

it("shows a question to people while its prompt waits, and lets the turn go on when it is answered", async () => {
  const owned = await running();
  const id = await ask(owned);
  expect(await channels.client.getPrompt("p_1")).toMatchObject({
    state: "waiting",
    waitingFor: "permission",
    waitingReason: "the agent asks",
    waitingSince: expect.any(Number),
  });
  expect(await channels.client.getSession("ops")).toMatchObject({ state: "waiting" });
  const { items } = await channels.client.questions.list({ state: "pending", limit: 10 });
  expect(items).toMatchObject([{ id, state: "pending", promptId: "p_1", channel: "ops" }]);
  expect(await take(owned, id)).toMatchObject({ at: "pending" });

  expect(await answer(id, ALLOW)).toMatchObject({
    at: "answered",
    question: { id, state: "answered", given: { by: "key", answer: ALLOW } },
  });
  expect((await channels.client.questions.list({ state: "pending", limit: 10 })).items).toEqual([]);
  expect(await take(owned, id)).toMatchObject({ at: "answered", given: { answer: ALLOW } });
  // The answer to the call was lost and it is made again.
  expect(await take(owned, id)).toMatchObject({ at: "answered", given: { answer: ALLOW } });
  const prompt = await channels.client.getPrompt("p_1");
  expect(prompt).toMatchObject({ state: "running" });
  expect(prompt?.waitingFor).toBeUndefined();
  expect(await channels.client.questions.get(id)).toMatchObject({ applied: true });
  expect((await owned.interruption("p_1"))?.grants).toBe(1);
  expect((await logged()).map(({ state }) => state)).toEqual(["pending", "answered"]);
});

it("asks once, however often the call is made", async () => {
  const owned = await running();
  const input = questionOf("ops", "p_1");
  await owned.questions.ask(input);
  expect(await owned.questions.ask(input)).toMatchObject({ at: "asked" });
  expect(await logged()).toHaveLength(1);
});

it("takes the first of 20 racing answers to each of 200 questions, and tells the others", async () => {
  const turns = 20;
  const owners = new Map<string, OwnedChannel>();
  for (let i = 0; i < turns; i += 1) {
    owners.set(`p_${i}`, await running(`ops${i}`, `p_${i}`));
  }
  const asked: { id: string; promptId: string }[] = [];
  for (let i = 0; i < 200; i += 1) {
    const promptId = `p_${i % turns}`;
    const owned = owners.get(promptId) as OwnedChannel;
    asked.push({ promptId, id: await ask(owned, promptId, { hash: `h${i}` }) });
  }
  for (const { id, promptId } of asked) {
    const words = Array.from({ length: 20 }, (_, by) =>
      answer(id, by % 2 === 0 ? ALLOW : DENY, `key${by}`),
    );
    const outcomes = await Promise.all(words);
    const first = outcomes.filter(({ at }) => at === "answered");
    expect(first).toHaveLength(1);
    expect(outcomes.filter(({ at }) => at === "same")).toHaveLength(9);
    expect(outcomes.filter(({ at }) => at === "other")).toHaveLength(10);
    // Everybody hears of the one that counts.
    const given = new Set(
      outcomes.map((one) => (one.at === "missing" ? "" : one.question.given?.by)),
    );
    expect(given.size).toBe(1);
    // No other turn gets it.
    const other = owners.get(promptId === "p_0" ? "p_1" : "p_0") as OwnedChannel;
    const wrong = await take(other, id, promptId === "p_0" ? "p_1" : "p_0");
    expect(wrong).toEqual({ at: "missing" });
    const taken = await take(owners.get(promptId) as OwnedChannel, id, promptId);
    expect(taken).toMatchObject({ at: "answered", given: { by: [...given][0] } });
  }
});

it("refuses an answer that is bound to something else than what is asked", async () => {
  const owned = await running();
  const id = await ask(owned);
  const bound = (hash: string) =>
    channels.client.questions.answer(id, { answer: ALLOW, by: "key", hash });
  expect((await bound("other")).at).toBe("differs");
  expect((await channels.client.questions.get(id))?.state).toBe("pending");
  expect((await bound("h")).at).toBe("answered");
});

it("knows the same answer in whichever order its fields come", async () => {
  const owned = await running();
  const id = await ask(owned);
  await answer(id, { at: "accepted", content: { a: 1, b: { c: 2, d: 3 } } });
  const same: QuestionAnswer = { content: { b: { d: 3, c: 2 }, a: 1 }, at: "accepted" };
  expect((await answer(id, same)).at).toBe("same");
});

describe("a question that nobody answers in time", () => {
  it("expires by the time of Redis, for whoever looks first", async () => {
    const owned = await running();
    const id = await ask(owned, "p_1", { askMs: 50 });
    await waitUntil("it expires", async () => (await take(owned, id))?.at === "expired");
    expect((await answer(id, ALLOW)).at).toBe("expired");
    expect((await channels.client.getPrompt("p_1"))?.state).toBe("running");
    expect((await logged()).map(({ state }) => state)).toEqual(["pending", "expired"]);
    expect(await channels.client.readCounts()).toMatchObject({ questionsExpired: 1 });
  });

  it("takes no answer any more, although its owner has not looked", async () => {
    const owned = await running();
    const id = await ask(owned, "p_1", { askMs: 1 });
    await sleep(5);
    expect((await answer(id, ALLOW)).at).toBe("expired");
    expect(await take(owned, id)).toEqual({ at: "expired" });
    expect((await owned.interruption("p_1"))?.grants).toBe(0);
  });

  it("is closed by the sweep where no owner is left", async () => {
    const owned = await running();
    const id = await ask(owned, "p_1", { askMs: 1 });
    await sleep(5);
    await worker.trimIndexes();
    expect((await channels.client.questions.get(id))?.state).toBe("expired");
    expect(await take(owned, id)).toEqual({ at: "expired" });
  });
});

describe("an owner that lost its lease", () => {
  it("can neither ask nor take nor close", async () => {
    const owned = await running();
    const id = await ask(owned);
    await answer(id, ALLOW);
    await channels.redis.del("{pl}:worker:w1");
    const other = await channels.worker("w2");
    await other.pruneDead();
    const [next] = await channels.claim(other);
    expect(next?.channel).toBe("ops");
    await expect(owned.questions.ask(questionOf("ops", "p_1"))).rejects.toThrow(LeaseLostError);
    await expect(take(owned, id)).rejects.toThrow(LeaseLostError);
    await expect(owned.questions.close("p_1", [id], LIVE)).rejects.toThrow(LeaseLostError);
    await expect(owned.recordGrant("p_1", {}, "")).rejects.toThrow(LeaseLostError);
    expect(await channels.client.questions.get(id)).not.toHaveProperty("applied");
  });
});

describe("an interrupted turn", () => {
  it("is recovered although it waited, with what it waited for, and asks again exactly once", async () => {
    const owned = await running();
    const id = await ask(owned);
    expect(await owned.standing("p_1")).toEqual({ state: "running" });
    expect(await owned.interruption("p_1")).toMatchObject({ waitedFor: "permission", grants: 0 });
    const input = {
      promptId: "p_1",
      session: { id: "s1", opened: "resumed", agent: "demo" },
      live: LIVE,
      guarded: true,
    } as const;
    await owned.recover({ promptId: "p_1", fence: owned.fence, action: "continue" });
    await owned.recover({ promptId: "p_1", fence: owned.fence, action: "continue" });
    expect(await owned.dispatch(input)).toMatchObject({
      recovery: "continue",
      waitedFor: "permission",
    });
    expect((await answer(id, ALLOW)).at).toBe("over");
    const next = await ask(owned);
    expect(await channels.client.questions.get(id)).toMatchObject({
      state: "superseded",
      supersededBy: next,
    });
    expect(await channels.client.readCounts()).toMatchObject({
      questionsSuperseded: 1,
      questionsAskedAgain: 1,
    });
    expect((await logged()).map(({ state }) => state)).toEqual([
      "pending",
      "superseded",
      "pending",
    ]);
  });

  it("does not count as interrupted where its owner handed it over", async () => {
    const owned = await running();
    await ask(owned);
    await owned.release({ handsOver: "p_1" });
    const [next] = await channels.claim(worker);
    const { fence } = owned;
    await next?.recover({ promptId: "p_1", fence, action: "continue" });
    await next?.recover({ promptId: "p_1", fence, action: "continue" });
    await dispatch(next as OwnedChannel, "p_1");
    expect(await next?.interruption("p_1")).toMatchObject({ recoveries: 0 });
    await again(next as OwnedChannel);
    expect(await next?.interruption("p_1")).toMatchObject({ recoveries: 1 });
  });

  it("is found by a new owner's dispatch", async () => {
    const owned = await running();
    await ask(owned);
    await channels.redis.del("{pl}:worker:w1");
    const other = await channels.worker("w2");
    await other.pruneDead();
    const [next] = await channels.claim(other);
    const session = { id: "s1", opened: "resumed", agent: "demo" } as const;
    const outcome = await next?.dispatch({ promptId: "p_1", session, live: LIVE, guarded: true });
    expect(outcome).toEqual({ at: "interrupted" });
  });

  it("uses an answer that was given meanwhile once, for the same question", async () => {
    const owned = await running();
    const id = await ask(owned);
    await answer(id, ALWAYS);
    await again(owned);
    const input = questionOf("ops", "p_1");
    expect(await owned.questions.ask(input)).toMatchObject({
      at: "carried",
      given: { answer: ALWAYS, by: "key" },
    });
    // The answer to the call was lost and it is made again.
    expect(await owned.questions.ask(input)).toMatchObject({ at: "carried" });
    expect(await channels.client.questions.get(input.question.id)).toMatchObject({
      state: "answered",
      applied: true,
    });
    expect(await channels.client.questions.get(id)).not.toHaveProperty("applied");
    expect((await channels.client.getPrompt("p_1"))?.state).toBe("running");
    expect((await owned.interruption("p_1"))?.grants).toBe(1);
    await ask(owned, "p_1", { grantsKnown: true });
    expect(await channels.client.readCounts()).toMatchObject({ answersCarried: 1 });
  });

  it.each([
    ["to another question", { hash: "other" }],
    ["in a session that does not know the conversation", { carry: false }],
  ] as const)("does not use it %s", async (_what, change) => {
    const owned = await running();
    const id = await ask(owned);
    await answer(id, ALLOW);
    await again(owned);
    await ask(owned, "p_1", change);
    expect((await owned.interruption("p_1"))?.grants).toBe(0);
  });

  it("does not use it later either, once it had to ask again", async () => {
    const owned = await running();
    await answer(await ask(owned), ALLOW);
    await again(owned);
    await ask(owned, "p_1", { carry: false });
    await again(owned);
    await ask(owned);
  });

  it("does not use it in another turn of the channel", async () => {
    const owned = await running();
    await answer(await ask(owned), ALLOW);
    await owned.settle(settlement("p_1"));
    await channels.enqueue("ops", "p_2");
    await owned.finish({ id: "p_1", state: "completed", summary: "" }, true);
    await dispatch(owned, "p_2");
    await ask(owned, "p_2");
  });

  it("does not use it after it expired, nor one that the agent was told", async () => {
    const owned = await running();
    const id = await ask(owned, "p_1", { askMs: 300 });
    await answer(id, ALLOW);
    const told = await ask(owned, "p_1", { hash: "told" });
    await answer(told, ALLOW);
    await take(owned, told);
    await sleep(300);
    await again(owned);
    await ask(owned);
    await ask(owned, "p_1", { hash: "told" });
  });

  it("does not take the answer to one question for another of the same attempt", async () => {
    const owned = await running();
    await answer(await ask(owned), ALLOW);
    await ask(owned);
  });
});

it("cancels a turn that waits by its owner, and closes what it asked", async () => {
  const owned = await running();
  const id = await ask(owned);
  expect(await channels.client.cancel("p_1")).toEqual({ at: "requested" });
  await owned.questions.close("p_1", [id], LIVE);
  expect((await channels.client.getPrompt("p_1"))?.state).toBe("running");
  expect((await answer(id, ALLOW)).at).toBe("over");
  expect(await channels.client.questions.get(id)).toMatchObject({ state: "cancelled" });
});

it("leaves nothing behind but what expires", async () => {
  const owned = await running();
  const open = await ask(owned);
  await answer(await ask(owned, "p_1", { hash: "two" }), ALWAYS);
  await owned.settle(settlement("p_1"));
  expect((await channels.client.questions.get(open))?.state).toBe("cancelled");
  expect(await channels.redis.exists("{pl}:questions", "{pl}:questionsof:p_1")).toBe(0);
  for (const key of await channels.redis.keys("{pl}:question:*")) {
    expect(await channels.redis.pttl(key)).toBeGreaterThan(0);
  }
  await channels.redis.del(await channels.redis.keys("{pl}:question:*"));
  await worker.trimIndexes();
  expect(await channels.redis.exists("{pl}:asked")).toBe(0);
});

it("grants nothing of 500 questions that nobody answers, whatever ends their turns", async () => {
  const owned = await running();
  let grants = 0;
  for (let i = 0; i < 500; i += 1) {
    const id = await ask(owned, "p_1", { hash: `h${i % 3}` });
    if (i % 2 === 0) {
      await again(owned);
    } else {
      await owned.questions.close("p_1", [id], LIVE);
    }
    expect(["superseded", "cancelled"]).toContain((await take(owned, id))?.at);
    grants += (await owned.interruption("p_1"))?.grants ?? 0;
  }
  expect(grants).toBe(0);
  await owned.settle(settlement("p_1"));
  expect(await channels.redis.exists("{pl}:questions", "{pl}:questionsof:p_1")).toBe(0);
  expect(await channels.redis.exists("{pl}:grants:ops")).toBe(0);
});

it("asks no more than 50 questions of a turn at a time, and none of a turn that does not run", async () => {
  const owned = await running();
  for (let i = 0; i < 50; i += 1) {
    await ask(owned, "p_1", { hash: `h${i}` });
  }
  expect(await owned.questions.ask(questionOf("ops", "p_1"))).toEqual({ at: "refused" });
  await owned.settle(settlement("p_1"));
  expect(await owned.questions.ask(questionOf("ops", "p_1"))).toEqual({ at: "refused" });
});

describe("a grant", () => {
  it("is made by an always, shown before the next question, and revocable", async () => {
    const owned = await running();
    const id = await ask(owned);
    await answer(id, ALWAYS);
    await take(owned, id);
    const [grant] = await channels.client.questions.listGrants("ops");
    expect(grant).toMatchObject({
      channel: "ops",
      by: "key",
      questionId: id,
      scope: { kind: "edit", paths: ["a.txt"] },
    });
    const input = questionOf("ops", "p_1");
    expect(await owned.questions.ask(input)).toEqual({ at: "grants", grants: [grant] });
    expect(await logged()).toHaveLength(2);
    expect(await owned.recordGrant("p_1", {}, grant?.id)).toBe("ok");

    const { questions } = channels.client;
    expect(await questions.revokeGrant("ops", grant?.id ?? "")).toBe("revoked");
    expect(await questions.revokeGrant("ops", grant?.id ?? "")).toBe("missing");
    expect(await owned.recordGrant("p_1", {}, grant?.id)).toBe("revoked");
    expect((await owned.questions.ask(input)).at).toBe("asked");
  });

  it("runs out by the time of Redis", async () => {
    const owned = await running();
    const id = await ask(owned);
    await answer(id, ALWAYS);
    await owned.questions.take({ promptId: "p_1", ids: [id], grantMs: 1, live: LIVE });
    await waitUntil(
      "it is gone",
      async () => (await channels.redis.exists("{pl}:grants:ops")) === 0,
    );
    await ask(owned);
  });

  it("goes with its channel, and the oldest of a hundred makes room", async () => {
    const owned = await running();
    for (let i = 0; i < 102; i += 1) {
      const id = await ask(owned, "p_1", { hash: `h${i}`, grantsKnown: true });
      await answer(id, ALWAYS);
      await take(owned, id);
    }
    const grants = await channels.client.questions.listGrants("ops");
    expect(grants).toHaveLength(100);
    await owned.settle(settlement("p_1"));
    await owned.finish({ id: "p_1", state: "completed", summary: "" }, false);
    await owned.release({ forget: true });
    expect(await channels.client.questions.listGrants("ops")).toEqual([]);
  });
});

it("tells from memory what was asked, where that lately came by", async () => {
  const owned = await running();
  const stop = new AbortController();
  const stream = channels.client.streamEvents("ops", { after: "now", signal: stop.signal });
  await stream.next();
  const id = await ask(owned);
  await stream.next();
  const asked = await channels.client.questions.get(id);
  await channels.redis.del(`{pl}:question:${id}`);
  expect(await channels.client.questions.shown(id)).toEqual(asked);
  stop.abort();
  await stream.return();
  const other = await ask(owned, "p_1", { hash: "two" });
  expect(await channels.client.questions.shown(other)).toMatchObject({ id: other });
  expect(await channels.client.questions.shown(newQuestionId())).toBeUndefined();
});

it("lists questions page by page", async () => {
  const owned = await running();
  const ids: string[] = [];
  for (let i = 0; i < 7; i += 1) {
    ids.push(await ask(owned, "p_1", { hash: `h${i}`, askMs: MINUTE_MS + (i % 2) * 1000 }));
  }
  for (const state of ["pending", undefined] as const) {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await channels.client.questions.list({
        limit: 3,
        channel: "ops",
        ...(state === undefined ? {} : { state }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect([...seen].sort()).toEqual([...ids].sort());
  }
  const { questions } = channels.client;
  expect((await questions.list({ limit: 9, channel: "none" })).items).toEqual([]);
  expect((await questions.list({ limit: 9, type: "elicitation" })).items).toEqual([]);
  expect((await questions.list({ limit: 9, promptId: "p_1" })).items).toHaveLength(7);
});

it("rings for the owner of an answered question, and leaves word where the bell is lost", async () => {
  const heard: string[] = [];
  const store = await channels.worker("w3", 15_000, {
    onAnswerBell: (channel, id) => heard.push(`${channel} ${id}`),
  });
  const owned = await running("bell", "p_7", store);
  await owned.settleIdle();
  const id = await ask(owned, "p_7");
  await answer(id, ALLOW);
  await waitUntil("the bell rings", () => heard.includes(`bell ${id}`));
  expect(await store.tick(0)).toMatchObject({ woken: ["bell"] });
});
