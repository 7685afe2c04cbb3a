import type { OwnedChannel } from "@pilotlight/channels";
import { connectRedis, type EmbeddedRedis, type Redis, whenReady } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestBoard, type TestBoard } from "./support/start-test-board.ts";
import { startTestWorker, type TestWorker } from "./support/start-test-worker.ts";

let server: EmbeddedRedis;
let redis: Redis;
let board: TestBoard;
let worker: TestWorker;

beforeAll(async () => {
  server = await startTestServer();
  redis = connectRedis({ url: server.url, name: "test" });
  await whenReady(redis, 5000);
  board = await startTestBoard(server.url);
  worker = await startTestWorker(server.url, "host-1-w");
});

afterAll(async () => {
  await worker?.stop();
  await board?.stop();
  redis?.disconnect();
  await server?.stop();
});

type Queue = {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly counts: Record<string, number>;
  readonly jobs: readonly Record<string, unknown>[];
  readonly readOnlyMode: boolean;
};

async function queues(query = ""): Promise<readonly Queue[]> {
  return (await board.api(`/queues${query}`)).queues;
}

async function queue(name: string, query = ""): Promise<Queue | undefined> {
  const all = await queues(`?activeQueue=${encodeURIComponent(name)}${query}`);
  return all.find((one) => one.name === name);
}

/** A poll may be answered with a picture half a second old. */
async function seen(name: string, expected: Record<string, unknown>): Promise<Queue> {
  return await waitUntil(`${name} shows ${JSON.stringify(expected)}`, async () => {
    const one = await queue(name);
    try {
      expect(one).toMatchObject(expected);
      return one;
    } catch {
      return undefined;
    }
  });
}

async function own(channel: string): Promise<OwnedChannel> {
  const owned = (await worker.claim()).find((one) => one.channel === channel);
  if (owned === undefined) {
    throw new Error(`${channel} did not wait for an owner`);
  }
  return owned;
}

test("without channels there are the views, empty and read-only", async () => {
  const shown = await queues();
  expect(shown.map((one) => one.name)).toEqual([
    "prompts",
    "sessions",
    "blocked",
    "questions",
    "schedules",
    "workers",
  ]);
  expect(shown.every((one) => one.readOnlyMode)).toBe(true);
  expect(shown[0]?.counts).toEqual({ active: 0, waiting: 0, completed: 0, failed: 0 });
  expect(shown.map((one) => one.description)).toEqual([
    "no prompts yet",
    expect.stringContaining("1 worker, 0 of 2000 sessions · 2 more standing by"),
    "no channel is blocked",
    "nobody is asked anything",
    "there are no schedules",
    "standby sessions: 2 ready, 5 taken, 1 missed · delayed: draining",
  ]);
});

test("a channel comes with its first prompt, shows its session under its title, and goes when it is cold", async () => {
  const promptId = await worker.enqueue("slack:C042", "what is new?");
  const name = "slack:C042";
  const cold = await seen(name, { counts: { waiting: 1 } });
  expect(cold).toMatchObject({
    displayName: "slack:C042",
    description: "cold · waits for an owner",
  });

  const owned = await own("slack:C042");
  await seen(name, { description: "cold · owner host-1-w" });

  await worker.showSession(owned, "warming");
  await seen(name, {
    description: `warming · owner host-1-w · fence ${owned.fence} · pid 4242 · agent demo`,
  });

  await worker.begin(owned);
  const busy = await seen(name, { counts: { active: 1, waiting: 0 } });
  expect(busy.description).toMatch(/^busy · owner host-1-w · fence \d+ · pid 4242 · agent demo$/);

  await worker.finish(owned, promptId, "completed", "nothing much");
  const warm = await seen(name, { counts: { active: 0, completed: 1 } });
  expect(warm.description).toMatch(
    /^warm · owner host-1-w · fence \d+ · pid 4242 · idle \d+ (ms|s) · agent demo$/,
  );

  await owned.release();
  await waitUntil("the channel is gone", async () => (await queue(name)) === undefined);
});

test("a job of a channel's queue shows what was asked and answered", async () => {
  const asked = "x".repeat(5000);
  const done = await worker.enqueue("jobs", asked);
  const waiting = await worker.enqueue("jobs", "and then?");
  const owned = await own("jobs");
  await worker.begin(owned);
  await worker.finish(owned, done, "completed", "the answer");
  await seen("jobs", { counts: { waiting: 1, completed: 1 } });

  const [listed] = (await queue("jobs", "&status=completed"))?.jobs ?? [];
  expect(listed).toMatchObject({
    id: done,
    data: { promptId: done, channel: "jobs", surface: "cli" },
    returnValue: { text: "the answer", session: { opened: "warm" } },
    isFailed: false,
  });
  // A list shows the beginning of long texts, the job's own page everything.
  expect((listed?.data as Record<string, string> | undefined)?.prompt).toMatch(
    /^x{2000} … \(3000 more characters\)$/,
  );
  const { job, status } = await board.api(`/queues/jobs/${done}`);
  expect(status).toBe("completed");
  expect(job.data.prompt).toBe(asked);
  expect(job.processedOn).toBeGreaterThanOrEqual(job.timestamp);

  expect((await board.api(`/queues/jobs/${waiting}`)).status).toBe("waiting");
  expect((await board.api("/queues/jobs/p_unknown")).error).toBeDefined();
  await worker.begin(owned);
  await worker.finish(owned, waiting, "cancelled", "");
  await owned.release();
});

test("every live session is an entry of the sessions view, under what it does", async () => {
  const channels = ["s:busy", "s:closing", "s:degraded", "s:waiting", "s:warm", "s:warming"];
  for (const channel of channels) {
    await worker.enqueue(channel, "hello");
  }
  const owned = await worker.claim();
  for (const one of owned) {
    await worker.showSession(one, one.channel.slice(2) as "busy");
  }
  const sessions = await seen("sessions", {
    counts: { active: 2, waiting: 1, delayed: 2, failed: 1 },
  });
  expect(sessions.jobs.map((job) => [job.id, job.name])).toEqual([
    ["s:busy", "busy · demo"],
    ["s:waiting", "waiting · demo"],
    ["s:warm", "warm · demo"],
    ["s:closing", "closing · demo"],
    ["s:warming", "warming · demo"],
    ["s:degraded", "degraded · demo"],
  ]);
  const entry = await board.api(`/queues/sessions/${encodeURIComponent("s:warm")}`);
  expect(entry).toMatchObject({
    status: "waiting",
    job: {
      id: "s:warm",
      data: {
        channel: "s:warm",
        state: "warm",
        worker: "host-1-w",
        agent: "demo",
        pid: 4242,
        sessionId: "s-s:warm",
        idle: expect.stringMatching(/^\d+ (ms|s)$/),
      },
    },
  });
  for (const one of owned) {
    const id = await worker.begin(one);
    await worker.finish(one, id, "completed", "bye");
    await one.release();
  }
  await seen("sessions", { counts: { active: 0, waiting: 0, delayed: 0, failed: 0 } });
});

test("the prompts view shows prompts of cold channels too, by state, with result and log", async () => {
  const endings = ["completed", "failed", "cancelled", "interrupted"] as const;
  const ids: Record<string, string> = {};
  for (const ending of endings) {
    ids[ending] = await worker.enqueue(`p.${ending}`, `please end ${ending}`);
  }
  for (const owned of await worker.claim()) {
    const id = await worker.begin(owned);
    await owned.appendEvents([
      {
        type: "update",
        promptId: id,
        data: JSON.stringify({
          promptId: id,
          update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "hm" } },
        }),
      },
    ]);
    await worker.finish(owned, id, owned.channel.slice(2) as "failed", `it ${owned.channel}`);
    await owned.release();
  }
  ids.running = await worker.enqueue("p.running", "go on");
  ids.accepted = await worker.enqueue("p.accepted", "wait");
  const [running, accepted] = await worker.claim();
  await worker.begin(running?.channel === "p.running" ? running : (accepted as OwnedChannel));

  await seen("prompts", { counts: { active: 1, waiting: 1, failed: 2 } });
  const names = async (status: string) =>
    (await queue("prompts", `&status=${status}`))?.jobs.map((job) => job.name);
  expect(await names("active")).toEqual(["p.running"]);
  expect(await names("waiting")).toEqual(["p.accepted"]);
  expect(await names("failed")).toEqual(["p.interrupted (interrupted)", "p.failed"]);
  expect((await names("completed"))?.slice(0, 2)).toEqual([
    "p.cancelled (cancelled)",
    "p.completed",
  ]);

  const failed = await board.api(`/queues/prompts/${ids.failed}`);
  expect(failed).toMatchObject({
    status: "failed",
    job: {
      failedReason: "[AGENT_FAILED] it p.failed",
      stacktrace: ["[AGENT_FAILED] it p.failed\n\nstderr: it p.failed"],
      data: { prompt: "please end failed", channel: "p.failed", surface: "cli" },
      returnValue: { attempts: [{ worker: "host-1-w", outcome: "failed" }] },
    },
  });
  const log: string[] = await board.api(`/queues/prompts/${ids.completed}/logs`);
  expect(log.map((line) => line.split(" ")[1])).toEqual([
    "accepted",
    "started",
    "update",
    "completed",
  ]);
  expect(log[2]).toMatch(/^\d{4}-\d\d-\d\dT\S+Z update agent_message_chunk "hm"$/);
});

test("pages of the prompts view follow each other without gap or repetition", async () => {
  const ids: string[] = [];
  for (let i = 0; i < 7; i += 1) {
    ids.push(await worker.enqueue("pages", `prompt ${i}`));
  }
  const owned = await own("pages");
  for (let i = 0; i < 7; i += 1) {
    const id = await worker.begin(owned);
    await worker.finish(owned, id, i % 2 === 0 ? "completed" : "cancelled", `${i}`);
  }
  const listed: unknown[] = [];
  for (let page = 1; page <= 3; page += 1) {
    const shown = await queue("prompts", `&status=completed&jobsPerPage=3&page=${page}`);
    listed.push(...(shown?.jobs.map((job) => job.id) ?? []));
  }
  expect(listed.slice(0, 7)).toEqual(ids.reverse());
  expect(new Set(listed).size).toBe(9);
  await owned.release();
});

test("a channel named like a view of the board is still a queue of its own", async () => {
  await worker.enqueue("sessions", "I am a channel");
  const shown = await waitUntil("the channel is there", () => queue("~sessions"));
  expect(shown).toMatchObject({ displayName: "sessions", counts: { waiting: 1 } });
  expect((await queue("sessions"))?.description).toContain("1 worker");
});

test("a channel that rests is shown with why and until when, although it is cold", async () => {
  await worker.enqueue("b.rests", "hello");
  await worker.rest(await own("b.rests"), "it exited with code 3\nno licence found");
  const line =
    /^rests after failures of its agent until 20\S+ \S+ UTC \(in (10 min|\d+ s)\): it exited with code 3$/;
  const channel = await seen("b.rests", { counts: { waiting: 1 } });
  expect(channel.description).toMatch(line);
  const blocked = await seen("blocked", { counts: { waiting: 0, delayed: 0, failed: 1 } });
  expect(blocked.jobs).toMatchObject([{ id: "b.rests" }]);
  const entry = await board.api("/queues/blocked/b.rests");
  expect(entry).toMatchObject({
    status: "failed",
    job: {
      failedReason: expect.stringMatching(line),
      data: { reason: "degraded", detail: "it exited with code 3\nno licence found" },
    },
  });
});

test("a channel whose prompt waits for a decision is shown with the prompt", async () => {
  await worker.enqueue("b.asks", "hello");
  const owned = await own("b.asks");
  const id = await worker.begin(owned);
  await worker.hold(owned, id, "its worker ended");
  const channel = await seen("b.asks", { counts: { waiting: 1 } });
  expect(channel.description).toMatch(`waits for a decision about ${id}: `);
  const { job, status } = await board.api("/queues/blocked/b.asks");
  expect(status).toBe("waiting");
  expect(job.data).toMatchObject({ reason: "decision", promptId: id, until: null });
});

test("schedules are listed with what is due next, and what became of it", async () => {
  await worker.schedule("nightly", {
    channel: "s.nightly",
    prompt: "Look around",
    cron: "0 3 * * *",
    tz: "Europe/Berlin",
  });
  await worker.schedule("hourly", { channel: "s.hourly", prompt: "Look", everySecs: 3600 });
  await worker.pause("hourly");
  const { jobs } = await seen("schedules", { counts: { delayed: 2, completed: 0 } });
  expect(jobs.map(({ id, name }) => [id, name]).sort()).toEqual([
    ["hourly", "every 3600 s · s.hourly (paused)"],
    ["nightly", "0 3 * * * Europe/Berlin · s.nightly"],
  ]);
  const { job } = await board.api("/queues/schedules/nightly");
  expect(job.data).toMatchObject({ channel: "s.nightly", prompt: "Look around", runs: 0 });
  expect(job.data.next).toHaveLength(5);
  expect(job.data.next[0]).toMatch(/ 0[12]:00:00 UTC$/);
  expect(await board.api("/queues/schedules/nightly/logs")).toEqual(["It was not due yet."]);
  expect((await board.api("/queues/schedules/none")).error).toBeDefined();
});

test("workers are listed with what stands by", async () => {
  const { job, status } = await board.api("/queues/workers/host-1-w");
  expect(status).toBe("active");
  expect(job).toMatchObject({
    name: expect.stringMatching(/^running · \d+ of 2000 sessions · 2 standing by$/),
    data: { standby: { ready: 2, adopted: 5, missed: 1 }, memory: "47.7 MiB" },
  });
});

test("what an agent asks is shown with all that a person needs to answer it, until it is closed", async () => {
  await worker.enqueue("asking", "tidy up");
  const owned = await own("asking");
  const promptId = await worker.begin(owned);
  const id = await worker.ask(owned, promptId, "rm -r build");
  const { jobs } = await seen("questions", { counts: { waiting: 1 } });
  expect(jobs).toMatchObject([
    { id, name: "asking · rm -r build", data: { promptId, toolCall: { command: "rm -r build" } } },
  ]);
  await worker.finish(owned, promptId, "cancelled", "");
  await seen("questions", { counts: { waiting: 0 }, description: "nobody is asked anything" });
  const { job } = await board.api(`/queues/questions/${id}`);
  expect(job).toMatchObject({
    id,
    failedReason: "cancelled",
    processedOn: null,
    finishedOn: expect.any(Number),
  });
});
