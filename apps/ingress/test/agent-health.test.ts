import { setTimeout as sleep } from "node:timers/promises";
import { type LiveAgent, openWorkerStore, type WorkerStore } from "@pilotlight/channels";
import { agentHealthSchema, agentProbedSchema, healthSchema } from "@pilotlight/contracts";
import { createLogger } from "@pilotlight/lifecycle";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
const stores: WorkerStore[] = [];
beforeEach(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url, { deadlines: { probe_secs: 1 } });
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.stop()));
  await ingress.service.stop();
  await redis.stop();
});

const SEEN = { since: 1000, good: 1, failed: 0 } as const;
const WARM: LiveAgent = { ...SEEN, state: "warm", lastGoodAt: 5000 };
const DEAD: LiveAgent = { ...SEEN, state: "dead", reason: "its command was not found" };

interface HealthWorker {
  show(agents: Record<string, LiveAgent>, state?: "running" | "draining"): Promise<void>;
  /** The wish for a probe of the demo agent that it sees. */
  wish(): Promise<number | undefined>;
  stop(): Promise<void>;
}

async function startWorker(worker: string): Promise<HealthWorker> {
  const store = await openWorkerStore({
    url: redis.url,
    worker,
    leaseTtlMs: 15_000,
    description: { host: "test", pid: 1, maxSessions: 1, startedAt: 0 },
    eventsPerChannel: 100,
    retentionMs: 60_000,
    log: createLogger("worker", "silent"),
    onLost: () => undefined,
    onBell: () => undefined,
    onAssignBell: () => undefined,
    held: () => [],
    onDisowned: async () => undefined,
  });
  stores.push(store);
  await store.start();
  return {
    show: (agents, state = "running") =>
      store.showWorker({ state, rssBytes: 1, sessionRssBytes: {}, agents }),
    async wish() {
      const outcome = await store.tick(0);
      return outcome.at === "ok"
        ? outcome.probes.find(({ agent }) => agent === "demo")?.asked
        : undefined;
    },
    stop: () => store.stop(),
  };
}

const get = async (path: string) => (await ingress.fetch(path)).json();
const health = async () => healthSchema.parse(await get("/api/health"));
const probe = async () =>
  agentProbedSchema.parse(await (await ingress.post("/api/health/demo/probe", {})).json());

it("tells of every agent that a worker watches, as well as it is where it is best", async () => {
  const [one, two] = [await startWorker("w1"), await startWorker("w2")];
  await one.show({ demo: DEAD, codex: { ...SEEN, state: "healthy", lastGoodAt: 3000 } });
  await two.show({ demo: WARM });
  const all = await health();
  expect(all).toMatchObject({ status: "ok", defaultAgent: "demo", workers: 2 });
  expect(all.agents.map(({ agent, state }) => [agent, state])).toEqual([
    ["demo", "warm"],
    ["codex", "healthy"],
  ]);
  expect(all.agents[0]).not.toHaveProperty("reason");
  expect(all.redis.pingMs).toBeGreaterThan(0);
  const demo = agentHealthSchema.parse(await get("/api/health/demo"));
  expect(demo.workers.toSorted((a, b) => a.worker.localeCompare(b.worker))).toEqual([
    { ...DEAD, worker: "w1", host: "test" },
    { ...WARM, worker: "w2", host: "test" },
  ]);
  expect(demo).toMatchObject({ agent: "demo", state: "warm", lastGoodAt: 5000 });
});

it("is degraded where no worker runs, or an agent is dead everywhere or at its limit", async () => {
  expect(await health()).toMatchObject({
    status: "degraded",
    workers: 0,
    agents: [{ agent: "demo", state: "cold", workers: [] }],
  });
  const worker = await startWorker("w1");
  await worker.show({ demo: WARM, codex: DEAD });
  expect(await health()).toMatchObject({ status: "degraded" });
  const limited = { ...SEEN, state: "limited", reason: "spent", limitedUntil: 9000 } as const;
  await worker.show({ demo: WARM, codex: limited });
  expect(await health()).toMatchObject({
    status: "degraded",
    agents: [{}, { agent: "codex", state: "limited", reason: "spent", limitedUntil: 9000 }],
  });
  await worker.show({ demo: WARM });
  expect(await health()).toMatchObject({ status: "ok" });
});

it("knows the agents of the configuration and of the workers, and no others", async () => {
  const worker = await startWorker("w1");
  await worker.show({ elsewhere: WARM });
  expect(await get("/api/health/claude")).toEqual({ agent: "claude", state: "cold", workers: [] });
  expect(await get("/api/health/elsewhere")).toMatchObject({ state: "warm" });
  for (const name of ["nobody", "constructor", "%20"]) {
    const response = await ingress.fetch(`/api/health/${name}`);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      404,
      "agent_not_found",
    ]);
    expect((await ingress.post(`/api/health/${name}/probe`, {})).status).toBe(404);
  }
});

it("needs the key", async () => {
  for (const path of ["/api/health", "/api/health/demo"]) {
    expect((await fetch(new URL(path, ingress.url))).status).toBe(401);
  }
});

it("answers a probe when every live worker has seen to it, with what they found", async () => {
  const [one, two, draining] = [
    await startWorker("w1"),
    await startWorker("w2"),
    await startWorker("w3"),
  ];
  await one.show({ demo: DEAD });
  await draining.show({ demo: DEAD }, "draining");
  let answered = false;
  const probing = probe().finally(() => {
    answered = true;
  });
  let asked = 0;
  await waitUntil("they hear of it", async () => {
    asked = (await two.wish()) ?? 0;
    return asked > 0;
  });
  await one.show({ demo: { ...WARM, answered: asked } });
  // An answer to an earlier wish is none.
  await two.show({ demo: { ...DEAD, answered: asked - 1 } });
  await sleep(250);
  expect(answered).toBe(false);
  await two.show({ demo: { ...DEAD, answered: asked } });
  expect(await probing).toMatchObject({ agent: "demo", state: "warm", unanswered: [] });
});

it("does not wait for a worker that is gone", async () => {
  const [one, two] = [await startWorker("w1"), await startWorker("w2")];
  await two.show({});
  const probing = probe();
  await waitUntil("it hears of it", async () => (await one.wish()) !== undefined);
  await two.stop();
  await one.show({ demo: { ...WARM, answered: (await one.wish()) ?? 0 } });
  expect(await probing).toMatchObject({ unanswered: [], workers: [{ worker: "w1" }] });
});

it("names the workers that did not answer in time", async () => {
  const worker = await startWorker("w1");
  await worker.show({ demo: WARM });
  expect(await probe()).toMatchObject({ state: "warm", unanswered: ["w1"] });
});
