import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

const CHANNELS = ["a", "b", "c", "d", "e", "f"];
const RESTARTS = 20;
const WORKERS = 2;
/** A turn takes about half of it: what waits while a worker drains is caught up with. */
const SEND_EVERY_MS = 400;
const RESTARTED_MS = 30_000;

let ledgers: string;
let system: TestSystem;
beforeEach(async () => {
  ledgers = mkdtempSync(join(tmpdir(), "pilotlight-ledger-"));
  system = await openSystem({
    config: `
[workers]
count = ${WORKERS}
[agents.demo]
set = { DEMO_CHUNK_MS = "20", DEMO_LEDGER_DIR = "${ledgers}" }
`,
  });
});
afterEach(async () => {
  await system.stop();
  rmSync(ledgers, { recursive: true, force: true });
});

interface WorkerEntry {
  readonly pid: number;
  readonly startedAt: number;
}

async function workers(): Promise<readonly WorkerEntry[]> {
  const response = await system.fetch("/v1/workers");
  const { items } = (await response.json()) as { items: WorkerEntry[] };
  return items.filter(({ pid }) => isAlive(pid)).sort((a, b) => a.startedAt - b.startedAt);
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The worker that has run for longest ends and is started again; told itself, or through its warden. */
async function restartOldest(told: "worker" | "warden"): Promise<void> {
  const [oldest] = await waitUntil(
    "all workers run",
    async () => {
      const running = await workers();
      return running.length === WORKERS ? running : undefined;
    },
    RESTARTED_MS,
  );
  const { pid } = oldest as WorkerEntry;
  process.kill(told === "worker" ? pid : parentOf(pid), "SIGTERM");
  await waitUntil("it is gone", () => !isAlive(pid), RESTARTED_MS);
}

interface Sent {
  readonly id: string;
  readonly name: string;
}

/** Hands prompts in on one channel, whether or not earlier ones were answered, until it is told to end. */
async function feed(channel: string, signal: AbortSignal): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  while (!signal.aborted) {
    const name = `${channel}-${sent.length}`;
    const prompt = `[[exclusive ${channel}]] [[ledger ${channel} ${name}]] [[words 8]]`;
    sent.push({ id: await system.send(channel, { prompt }), name });
    await sleep(SEND_EVERY_MS);
  }
  return sent;
}

const done = (channel: string) =>
  readFileSync(join(ledgers, channel), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { id: string }).id);

it("rolling restarts under load interrupt no turn, and lose and reorder no prompt", async () => {
  const load = new AbortController();
  const feeds = Promise.all(CHANNELS.map((channel) => feed(channel, load.signal)));
  feeds.catch(() => undefined); // told below
  try {
    for (let i = 0; i < RESTARTS; i += 1) {
      await restartOldest(i % 4 < WORKERS ? "worker" : "warden");
    }
  } finally {
    load.abort();
  }
  const sent = await feeds;
  for (const [i, channel] of CHANNELS.entries()) {
    const prompts = sent[i] ?? [];
    for (const { id, name } of prompts) {
      const prompt = await system.finished(id);
      expect({ name, ...prompt }).toMatchObject({
        name,
        state: "completed",
        attempts: [{ outcome: "completed" }],
      });
      // The conversation went along wherever the channel went.
      if (name !== `${channel}-0`) {
        expect(prompt.session?.opened, name).toMatch(/^(warm|resumed)$/);
      }
    }
    expect(done(channel)).toEqual(prompts.map(({ name }) => name));
  }
}, 180_000);
