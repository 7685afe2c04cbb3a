import type { Occurrence, OccurrenceList, ScheduleView } from "@pilotlight/contracts";
import { waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

const DEMO = new URL("../../packages/demo-agent/src/main.ts", import.meta.url).pathname;

let system: TestSystem;
beforeAll(async () => {
  system = await openSystem({
    config: `
[acp]
keep_alive_secs = 1
[agents.demo]
set = { DEMO_START_MS = "1000", DEMO_CHUNK_MS = "0" }
[agents.hesitant]
command = ["sh", "-c", "test -e started || { touch started; exit 3; }; exec ${process.execPath} ${DEMO}"]
set = { DEMO_CHUNK_MS = "0" }
[workers]
drain_secs = 1
[prechecks.quiet-day]
command = ["node", "-e", "console.error('nothing happened'); process.exit(3)"]
[prechecks.busy-day]
command = ["node", "-e", "0"]
`,
  });
});
afterAll(() => system.stop());

const putJson = (path: string, body: object) =>
  system.fetch(path, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const put = (id: string, definition: object) =>
  putJson(`/v1/schedules/${id}`, { channel: id, prompt: "good morning", ...definition });
const set = (channel: string, settings: object) => putJson(`/v1/channels/${channel}`, settings);
const view = async (id: string) =>
  (await (await system.fetch(`/v1/schedules/${id}`)).json()) as ScheduleView;
/** Those that were handed to their agent, oldest first. */
async function started(id: string, count: number): Promise<Occurrence[]> {
  return await waitUntil(
    `${id} fired ${count} times`,
    async () => {
      const response = await system.fetch(`/v1/schedules/${id}/occurrences`);
      const { items } = (await response.json()) as OccurrenceList;
      const found = items.filter(({ startMs }) => startMs !== undefined);
      return found.length >= count ? found.toReversed() : undefined;
    },
    25_000,
  );
}

describe.concurrent("a schedule with an agent that takes its time", () => {
  it("finds its session opened ahead, every time, and never opened twice", async () => {
    // Its session is closed between two due times: kept for a second only.
    await put("early", { everySecs: 10, preWarmSecs: 7, maxRuns: 2, overlap: "queue" });
    const rows = await started("early", 2);
    expect(rows.map(({ opened }) => opened)).toEqual(["warm", "warm"]);
    const { hit, late, wasted, failed } = (await view("early")).preWarms;
    expect([hit + late, wasted, failed]).toEqual([2, 0, 0]);
  });

  it("finds it opened again where it was lost before its time", async () => {
    await put("struck", { at: new Date(Date.now() + 20_000).toISOString(), preWarmSecs: 60 });
    const pidOf = async (state: string) =>
      (await system.sessions()).find((one) => one.channel === "struck" && one.state === state)?.pid;
    const pid = await waitUntil("it is open", () => pidOf("warm"));
    process.kill(pid, "SIGKILL");
    await waitUntil("another one is open", async () => {
      const next = await pidOf("warm");
      return next !== undefined && next !== pid;
    });
    expect((await started("struck", 1))[0]?.opened).toBe("warm");
    expect((await view("struck")).preWarms).toMatchObject({ lost: 1, wasted: 0, failed: 0 });
  });

  it("finds it opened at the second try where the first one failed", async () => {
    await set("failed", { agents: ["hesitant"] });
    await put("failed", { at: new Date(Date.now() + 14_000).toISOString(), preWarmSecs: 60 });
    const [row] = await started("failed", 1);
    expect(row?.opened).toBe("warm");
    expect((await view("failed")).preWarms).toMatchObject({ failed: 1, hit: 1 });
  });

  it("meets it cold without pre-warm", async () => {
    const at = new Date(Date.now() + 1000).toISOString();
    await put("cold", { at, preWarmSecs: 0 });
    expect((await started("cold", 1))[0]).toMatchObject({ outcome: "fired", opened: "fresh" });
  });

  it("opens it as long before as this agent takes, once that is known", async () => {
    await system.ask("taught", "how long do you take?");
    const at = Date.now() + 9000;
    await put("learnt", { at: new Date(at).toISOString(), preWarmSecs: "auto" });
    const seen = await waitUntil("it is being opened", async () => {
      const session = (await system.sessions()).find(({ channel }) => channel === "learnt");
      return session === undefined ? undefined : Date.now();
    });
    expect(at - seen).toBeLessThan(6000);
    expect((await started("learnt", 1))[0]?.opened).toBe("warm");
    const { hit, late } = (await view("learnt")).preWarms;
    expect(hit + late).toBe(1);
  });

  it("runs its prompts with permissions of its own", async () => {
    await set("trusted", { permissions: "approve-all" });
    const asked = await system.ask("trusted", "[[permission]]");
    expect(asked.text).toContain(": allowed");
    await put("night", { channel: "trusted", prompt: "[[permission]]", cron: "@yearly" });
    const run = await system.fetch("/v1/schedules/night/run", { method: "POST" });
    const { promptId = "" } = (await run.json()) as Occurrence;
    const refused = await system.finished(promptId);
    expect(refused.state).toBe("completed");
    expect(refused.text).toContain(": not allowed");
  });

  it("is not woken where its precheck finds nothing to do", async () => {
    const at = new Date(Date.now() + 3000).toISOString();
    await put("idle", { at, preWarmSecs: 0, precheck: "quiet-day" });
    await put("eager", { at, preWarmSecs: 0, precheck: "busy-day" });
    expect((await started("eager", 1))[0]?.outcome).toBe("fired");
    const response = await system.fetch("/v1/schedules/idle/occurrences");
    const { items } = (await response.json()) as OccurrenceList;
    expect(items).toMatchObject([{ outcome: "skipped", reason: "precheck" }]);
    expect(items[0]?.detail).toContain("nothing happened");
    expect((await system.sessions()).some(({ channel }) => channel === "idle")).toBe(false);
  });
});

describe.concurrent("a prompt that is handed in for later", () => {
  it("finds its session opened ahead", async () => {
    const id = await system.send("later", { prompt: "hello", notBefore: 8 });
    expect(await system.finished(id)).toMatchObject({
      state: "completed",
      session: { opened: "warm" },
    });
  });

  it("finds it opened at the second try where the first one failed", async () => {
    await set("later-failed", { agents: ["hesitant"] });
    const id = await system.send("later-failed", { prompt: "hello", notBefore: 14 });
    expect(await system.finished(id)).toMatchObject({
      state: "completed",
      session: { opened: "warm" },
    });
  });
});
