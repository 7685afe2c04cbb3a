import { readdirSync, readFileSync } from "node:fs";
import type { CallbackCounts } from "@pilotlight/contracts";
import {
  type CallbackEndpoint,
  type RedisServer,
  startCallbackEndpoint,
  startRedisServer,
  waitUntil,
} from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
/** A claim of a killed ingress runs out after this and five seconds more. */
const DEADLINE_SECS = 1;
const LONG_MS = 120_000;

let redis: RedisServer;
let endpoint: CallbackEndpoint;
let system: TestSystem;
beforeEach(async ({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
  redis = await startRedisServer();
  endpoint = await startCallbackEndpoint(SECRET);
});
afterEach(async () => {
  await system?.stop();
  await endpoint?.stop();
  await redis?.stop();
});

async function open(acp = ""): Promise<void> {
  system = await openSystem({
    env: { REDIS_URL: redis.url, CALLBACK_SECRET: SECRET },
    config: `
[acp]
${acp}
[callbacks]
secret_env = "CALLBACK_SECRET"
allow_private = ["${endpoint.hostAndPort}"]
deadline_secs = ${DEADLINE_SECS}
retry_secs = 0.2
[workers]
lease_ttl_secs = 3
[agents.demo]
asks_before_changes = false
set = { DEMO_CHUNK_MS = "0" }
`,
  });
}

const send = (channel: string, prompt: string) =>
  system.send(channel, { prompt, callbackUrl: endpoint.url });

/** The process that `up` runs from this file. */
function pidOf(main: string): number {
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (parent === system.pid && readFileSync(`/proc/${name}/cmdline`, "utf8").includes(main)) {
        return Number(name);
      }
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error(`nothing runs ${main}`);
}

/** Ends it, and waits until the next one serves. */
async function killIngress(): Promise<void> {
  const pid = pidOf("ingress/src/main.ts");
  process.kill(pid, "SIGKILL");
  await waitUntil("another ingress serves", async () => {
    const ready = await system.fetch("/readyz").catch(() => undefined);
    return ready?.ok === true && pidOf("ingress/src/main.ts") !== pid;
  });
}

async function killWorker(): Promise<void> {
  const [pid = 0] = await system.workerPids();
  process.kill(pid, "SIGKILL");
}

async function running(id: string): Promise<void> {
  await waitUntil("it runs", async () => (await system.prompt(id)).state === "running");
}

async function counted(id: string, counts: Partial<CallbackCounts>): Promise<void> {
  await waitUntil(
    `the record says ${JSON.stringify(counts)}`,
    async () => {
      const { callbacks } = await system.prompt(id);
      return (Object.keys(counts) as (keyof CallbackCounts)[]).every(
        (name) => callbacks?.[name] === counts[name],
      );
    },
    60_000,
  );
}

const seenOf = (id: string) => endpoint.seen.filter(({ promptId }) => promptId === id);

/**
 * What the prompt's callbacks said, each once. In order: none comes before one with a smaller number was seen, and what
 * comes twice is the same both times.
 */
function inOrder(id: string): string[] {
  const bodies = new Map<string, string>();
  for (const callback of seenOf(id)) {
    const body = JSON.stringify(callback);
    expect(bodies.get(callback.id) ?? body).toBe(body);
    bodies.set(callback.id, body);
  }
  expect([...bodies.keys()]).toEqual([...bodies.keys()].map((_, index) => `${id}_${index + 1}`));
  return [...bodies.values()].map((body) => JSON.parse(body).type as string);
}

it("tells of a turn whose worker is killed: that somebody has to decide, and how it ended; killed ingresses change nothing", {
  timeout: LONG_MS,
}, async () => {
  await open('on_interrupted = "ask"');
  const id = await send("ops", "[[slow 3000]] hello");
  await running(id);
  // Nothing comes back from it: the ingress dies with a callback in hand.
  endpoint.answerWith(undefined);
  await killWorker();
  await waitUntil("the first is under way", () => seenOf(id).length > 0);
  await killIngress();
  endpoint.answerWith(204);
  await counted(id, { delivered: 1, pending: 0 });
  expect(seenOf(id).at(-1)).toMatchObject({ type: "waiting", waitingFor: "decision" });

  const response = await system.fetch(`/v1/prompts/${id}/decision`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ decision: "continue" }),
  });
  expect(response.status).toBe(200);
  await running(id);
  await killIngress();
  await counted(id, { delivered: 2, pending: 0, failed: 0 });
  expect(inOrder(id)).toEqual(["waiting", "completed"]);
  expect(seenOf(id).every(({ type }) => type !== "not verified")).toBe(true);
});

it("tells everything when an endpoint that was down is back, though Redis and ingress were killed meanwhile", {
  timeout: LONG_MS,
}, async () => {
  await open();
  await endpoint.goDown();
  const ids = await Promise.all(["a", "b", "c"].map((channel) => send(channel, "hello")));
  for (const id of ids) {
    await system.finished(id);
    await waitUntil(
      "it was tried in vain",
      async () => (await system.prompt(id)).callbacks?.lastError?.code === "unreachable",
    );
  }
  await redis.end("SIGKILL");
  await redis.startAgain();
  await killIngress();
  await endpoint.comeBack();
  for (const id of ids) {
    await counted(id, { delivered: 1, pending: 0, failed: 0 });
    expect(inOrder(id)).toEqual(["completed"]);
  }
});
