import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChannelSettings } from "@pilotlight/contracts";
import { type ReceivedEvent, readEvents, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let dir: string;
let system: TestSystem;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pilotlight-modes-"));
});
afterEach(async () => {
  await system.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Keeps the agent at work for three seconds. */
const BUSY = "[[chunk-ms 100]] [[words 30]]";

/** An agent that may change things without asking: what was cut off is continued, never sent again. */
async function open(knobs = ""): Promise<void> {
  system = await openSystem({
    config: `
[agents.demo]
asks_before_changes = false
set = { DEMO_CHUNK_MS = "0", DEMO_LEDGER_DIR = "${dir}"${knobs} }
`,
  });
}

interface Line {
  readonly id: string;
  readonly pid: number;
  readonly sessionId: string;
}

const ledger = (name: string): Line[] =>
  existsSync(join(dir, name))
    ? readFileSync(join(dir, name), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Line)
    : [];
const done = (name: string) => ledger(name).map(({ id }) => id);

async function set(channel: string, settings: ChannelSettings): Promise<void> {
  const response = await system.fetch(`/v1/channels/${channel}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
  });
  expect(response.status).toBe(200);
}

const send = (text: string, mode?: string, channel = "ops") =>
  system.send(channel, mode === undefined ? { prompt: text } : { prompt: text, mode });

async function effect(name: string, id: string): Promise<void> {
  await waitUntil(`${id} is done`, () => done(name).includes(id), 30_000);
}

async function killWorker(): Promise<void> {
  const [pid = 0] = await system.workerPids();
  process.kill(pid, "SIGKILL");
}

async function killAgent(): Promise<void> {
  const [session] = await system.sessions();
  process.kill(session?.pid ?? 0, "SIGKILL");
}

const finished = (ids: readonly string[]) => Promise.all(ids.map((id) => system.finished(id)));

async function eventsOf(response: Response): Promise<ReceivedEvent[]> {
  const events: ReceivedEvent[] = [];
  for await (const event of readEvents(response)) {
    events.push(event);
  }
  return events;
}

const spoken = (events: readonly ReceivedEvent[]) =>
  events
    .flatMap(({ data }) => (data.update as { content?: { text?: string } })?.content?.text ?? [])
    .join("");

describe("collect", () => {
  it("makes one turn of what comes together, and answers everybody with it", async () => {
    await open();
    // Nobody depends on how fast the five come: the turn begins with the fifth.
    await set("ops", { mode: "collect", collectSecs: 60, collectMost: 5 });
    const post = (text: string, headers: Record<string, string>) =>
      system.post("ops", text, headers);
    const accepted = async (count: number) =>
      await waitUntil(`${count} are accepted`, async () => {
        const response = await system.fetch("/v1/prompts?channel=ops");
        return ((await response.json()) as { items: unknown[] }).items.length === count;
      });
    const first = await send("[[ledger order 1]] one");
    const waiting = post("[[ledger order 2]] two", { prefer: "wait=60" });
    await accepted(2);
    const webhook = system.fetch("/webhook/session/ops", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt: "[[ledger order 3]] three" }),
    });
    await accepted(3);
    const streaming = post("[[ledger order 4]] four", { accept: "text/event-stream" });
    await accepted(4);
    const last = await send("[[ledger order 5]] five");

    const leader = await system.finished(first);
    expect(leader).toMatchObject({ state: "completed", delivery: "collected" });
    expect(leader.members).toHaveLength(4);
    expect(leader.attempts).toHaveLength(1);
    expect(leader.text).toContain("Message 1 of 5: one Message 2 of 5: two");
    expect(done("order")).toEqual(["1", "2", "3", "4", "5"]);
    expect(new Set(ledger("order").map(({ pid }) => pid)).size).toBe(1);
    expect(await (await waiting).json()).toMatchObject({
      state: "completed",
      text: leader.text,
      turn: { id: first },
    });
    expect(await (await webhook).json()).toEqual({ success: true, message: leader.text });
    const events = await eventsOf(await streaming);
    expect(events.map(({ type }) => type).filter((type) => type !== "update" && type !== "plan")) //
      .toEqual(["accepted", "started", "completed"]);
    expect(spoken(events)).toBe(leader.text);
    expect(await system.finished(last)).toMatchObject({
      state: "completed",
      delivery: "collected",
      attempts: [],
    });

    await set("ops", { mode: "collect", collectSecs: 0.1 });
    const later = await system.finished(await send("[[ledger order 6]] six"));
    expect(later).toMatchObject({ state: "completed", session: { opened: "warm" } });
    expect(later.members).toBeUndefined();
    expect(later.text).toContain("I remember 1 earlier message of yours.");
  });

  it("keeps the order beside prompts that wait for their place", async () => {
    await open();
    await set("ops", { collectSecs: 60 });
    const running = await send("[[ledger order 0]] [[slow 1500]] first");
    const ids = [running];
    for (const [number, mode] of [
      [1, "collect"],
      [2, "collect"],
      [3, "queue"],
      [4, "collect"],
      [5, "collect"],
      [6, "queue"],
    ] as const) {
      ids.push(await send(`[[ledger order ${number}]] ${number}`, mode));
    }
    const records = await finished(ids);
    expect(records.map(({ state }) => state)).toEqual(ids.map(() => "completed"));
    expect(done("order")).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
    expect(records.map(({ members }) => members?.length ?? 0)).toEqual([0, 1, 0, 0, 1, 0, 0]);
  });

  it.each([
    ["worker", killWorker],
    ["agent", killAgent],
  ])("loses none and does none twice where its %s is killed", async (_, kill) => {
    await open();
    await set("ops", { collectSecs: 60, collectMost: 3 });
    await system.ask("ops", "before");
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) {
      ids.push(await send(`[[exclusive modes]] [[ledger killed ${name}]] ${BUSY}`, "collect"));
    }
    await effect("killed", "b");
    await kill();
    const [leader, ...members] = await finished(ids);
    expect(leader).toMatchObject({
      state: "completed",
      attempts: [{ outcome: "interrupted" }, { recovery: "continue" }],
    });
    for (const member of members) {
      expect(member).toMatchObject({ state: "completed", turn: { id: ids[0] } });
    }
    expect(done("killed")).toEqual(["a", "b", "c"]);
    const next = await system.ask("ops", "and now?");
    expect(next).toMatchObject({ state: "completed", session: { opened: "warm" } });
  });

  it("is cancelled whole with any of its prompts", async () => {
    await open();
    await set("ops", { mode: "collect", collectSecs: 60, collectMost: 2 });
    const ids = [await send("[[ledger c a]] [[hang silent]]"), await send("[[ledger c b]]")];
    await effect("c", "a");
    await system.fetch(`/v1/prompts/${ids[1]}/cancel`, { method: "POST" });
    for (const record of await finished(ids)) {
      expect(record).toMatchObject({ state: "cancelled", stopReason: "cancelled" });
    }
    expect(done("c")).toEqual(["a"]);
  });
});

describe("interrupt", () => {
  it("cancels the running turn and is next, in the same session", async () => {
    await open();
    const before = await system.ask("ops", "hello");
    const hanging = await send("[[ledger i 1]] [[hang silent]]");
    await effect("i", "1");
    const waiting = await send("[[ledger i 2]] wait");
    const interrupter = await send("[[ledger i 3]] now", "interrupt");
    const [cancelled, queued, next] = await finished([hanging, waiting, interrupter]);
    expect(cancelled).toMatchObject({ state: "cancelled", interruptedBy: interrupter });
    expect(next).toMatchObject({
      state: "completed",
      mode: "interrupt",
      delivery: "interrupted",
      session: { id: before.session?.id, opened: "warm" },
    });
    expect(queued).toMatchObject({ state: "completed", delivery: "queued" });
    expect(done("i")).toEqual(["1", "3", "2"]);
    expect(new Set(ledger("i").map(({ pid }) => pid)).size).toBe(1);
  });

  it("ends a turn for good whose agent meets its usage limit meanwhile", async () => {
    await open();
    await system.ask("ops", "hello");
    const hanging = await send(
      "[[ledger i 1]] [[hang failing usage limit reached, try again in 1 seconds]]",
    );
    await effect("i", "1");
    const id = await send("[[ledger i 2]] now", "interrupt");
    expect(await system.finished(hanging)).toMatchObject({ state: "cancelled", interruptedBy: id });
    expect(await system.finished(id)).toMatchObject({ delivery: "interrupted" });
    expect(done("i")).toEqual(["1", "2"]);
  });

  it("does so at its time where it is one for later", async () => {
    await open();
    const hanging = await send("[[ledger i 1]] [[hang silent]]");
    await effect("i", "1");
    const id = await system.send("ops", { prompt: "now", mode: "interrupt", notBefore: 1 });
    expect(await system.finished(id)).toMatchObject({ delivery: "interrupted" });
    expect(await system.finished(hanging)).toMatchObject({ state: "cancelled", interruptedBy: id });
  });

  it("ends a turn whose worker died, and does not begin it again", async () => {
    await open();
    const hanging = await send("[[ledger i 1]] [[hang silent]]");
    await effect("i", "1");
    await killWorker();
    const id = await send("[[ledger i 2]] now", "interrupt");
    expect(await system.finished(id)).toMatchObject({ state: "completed" });
    expect((await system.finished(hanging)).state).toBe("cancelled");
    expect(done("i")).toEqual(["1", "2"]);
  });
});

describe("steer", () => {
  it("is taken into the running answer, which goes on with it", async () => {
    await open();
    const running = await send("[[chunk-ms 100]] [[words 300]]");
    await waitUntil("it speaks", async () => {
      const { timings, state } = await system.prompt(running);
      return state === "running" && timings.queuedMs !== undefined;
    });
    const events = await eventsOf(
      await system.fetch("/v1/channels/ops/prompts", {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify({ prompt: "[[ledger s 1]] [[words 3]] look here", mode: "steer" }),
      }),
    );
    const [, started] = events.filter(({ type }) => type === "accepted" || type === "started");
    expect(started?.data).toMatchObject({ turn: { id: running }, delivery: "injected" });
    expect(events.at(-1)?.type).toBe("completed");
    expect(spoken(events)).toContain('Meanwhile you said: "look here"');
    const steered = await system.prompt(String(started?.data.promptId));
    expect(steered).toMatchObject({ state: "completed", mode: "steer", delivery: "injected" });
    expect(steered.text).toContain("word3 Meanwhile you said");
    expect(steered.text).not.toContain("word2 word3 word4");
    const record = await system.finished(running);
    expect(record).toMatchObject({ state: "completed", members: [steered.id] });
    expect(record.text).toMatch(/^word1/);
    expect(done("s")).toEqual(["1"]);

    // Whoever comes back is told the rest of it.
    const at = events[2];
    const rest = await system.fetch(`/v1/prompts/${steered.id}/events`, {
      headers: { "last-event-id": at?.id ?? "" },
    });
    const again = await eventsOf(rest);
    expect(again.map(({ id }) => id)).toEqual(events.slice(3).map(({ id }) => id));
  });

  it("waits for its place where the agent does not steer", async () => {
    await open(', DEMO_NO_STEERING = "1"');
    const running = await send(`[[ledger s 1]] ${BUSY}`);
    await effect("s", "1");
    const steered = await system.finished(await send("[[ledger s 2]] hello", "steer"));
    expect(steered).toMatchObject({ state: "completed", mode: "steer", delivery: "queued" });
    expect((await system.finished(running)).state).toBe("completed");
    expect(done("s")).toEqual(["1", "2"]);
  });

  it("waits for its place where the agent does not take it, which is counted", async () => {
    await open(', DEMO_STEER = "refuse"');
    const running = await send(`[[ledger s 1]] ${BUSY}`);
    await effect("s", "1");
    const steered = await system.finished(await send("[[ledger s 2]] hello", "steer"));
    expect(steered).toMatchObject({ state: "completed", delivery: "queued" });
    expect(steered.turn).toBeUndefined();
    expect((await system.finished(running)).members).toBeUndefined();
    expect(done("s")).toEqual(["1", "2"]);
    const health = await (await system.fetch("/api/health")).json();
    expect(health).toMatchObject({ counts: { steerFallbacks: 1 } });
  });

  it("interrupts where the agent does not steer and the channel says so", async () => {
    await open(', DEMO_NO_STEERING = "1"');
    await set("ops", { mode: "steer", steerFallback: "interrupt" });
    const running = await send("[[ledger s 1]] [[hang silent]]");
    await effect("s", "1");
    const steered = await system.finished(await send("[[ledger s 2]] hello"));
    expect(steered).toMatchObject({ mode: "steer", delivery: "interrupted" });
    expect(await system.finished(running)).toMatchObject({
      state: "cancelled",
      interruptedBy: steered.id,
    });
  });

  it("is in the turn or runs by itself, once, whenever it meets the turn's end", async () => {
    await open();
    const ids: string[] = [];
    let injected = 0;
    for (let round = 0; round < 50; round += 1) {
      const running = await send(
        `[[exclusive race]] [[ledger race t${round}]] [[slow ${(round % 10) * 5}]] go`,
      );
      await effect("race", `t${round}`);
      const id = await send(`[[exclusive race]] [[ledger race s${round}]] and`, "steer");
      const record = await system.finished(id);
      expect(record.state).toBe("completed");
      expect(["injected", "queued"]).toContain(record.delivery);
      injected += record.delivery === "injected" ? 1 : 0;
      ids.push(running, id);
    }
    for (const record of await finished(ids)) {
      expect(record.state).toBe("completed");
    }
    const expected = ids.map((_, i) => `${i % 2 === 0 ? "t" : "s"}${Math.floor(i / 2)}`);
    expect(done("race").sort()).toEqual(expected.sort());
    expect(injected).toBeLessThanOrEqual(50);
  }, 180_000);

  it.each([
    ["worker", killWorker],
    ["agent", killAgent],
  ])("is neither lost nor done twice where the %s of its turn is killed", async (_, kill) => {
    await open();
    await system.ask("ops", "before");
    const running = await send(`[[exclusive modes]] [[ledger killed a]] ${BUSY}`);
    await effect("killed", "a");
    const steered = await send(`[[ledger killed b]] ${BUSY}`, "steer");
    const waiting = await send("[[ledger killed c]] last");
    await effect("killed", "b");
    await kill();
    const [turn, member, last] = await finished([running, steered, waiting]);
    expect(turn).toMatchObject({ state: "completed", members: [steered] });
    expect(turn?.attempts.at(-1)?.recovery).toBe("continue");
    expect(member).toMatchObject({
      state: "completed",
      delivery: "injected",
      turn: { id: running },
    });
    expect(last?.state).toBe("completed");
    expect(done("killed")).toEqual(["a", "b", "c"]);
  });
});
