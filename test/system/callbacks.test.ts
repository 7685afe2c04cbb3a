import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelsClient, openChannelsClient } from "@pilotlight/channels";
import type { CallbackCounts, Question } from "@pilotlight/contracts";
import { createLogger } from "@pilotlight/lifecycle";
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

async function open(acp = "", env = {}, named = [endpoint.hostAndPort]): Promise<void> {
  system = await openSystem({
    env: { REDIS_URL: redis.url, CALLBACK_SECRET: SECRET, ...env },
    config: `
[acp]
${acp}
[callbacks]
secret_env = "CALLBACK_SECRET"
allow_private = ${JSON.stringify(named)}
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

const send = (channel: string, prompt: string, to = endpoint) =>
  system.send(channel, { prompt, callbackUrl: to.url });

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

it("tells of what its agent asks, and of each question's end, over killed workers and ingresses; then of the turn's", {
  timeout: LONG_MS,
}, async () => {
  await open('permissions = "ask"');
  const people = await openChannelsClient({
    url: redis.url,
    name: "people",
    limits: { queuePerChannel: 9, queueTotal: 99, eventsPerChannel: 1000, retentionMs: 600_000 },
    log: createLogger("test", "silent"),
  });
  try {
    const id = await send("ops", "[[permission edit notes.txt]] hello");
    const told = (state: string) =>
      waitUntil(
        `a question is told that is ${state}`,
        () => questionsOf(id).find((question) => question.state === state),
        60_000,
      );
    const first = await told("pending");
    // It is taken, and nobody says so: whoever comes next has to send it again.
    endpoint.answerWith(undefined);
    await killWorker();
    await told("superseded");
    await killIngress();
    endpoint.answerWith(204);
    const second = await waitUntil(
      "it is asked again",
      () => questionsOf(id).find((one) => one.state === "pending" && one.id !== first.id),
      60_000,
    );
    await answer(people, second);
    await counted(id, { delivered: 5, pending: 0, failed: 0 });
    expect(inOrder(id)).toEqual([...Array<string>(4).fill("permission"), "completed"]);
    const states = new Set(questionsOf(id).map((one) => `${one.id} ${one.state}`));
    expect([...states]).toEqual([
      `${first.id} pending`,
      `${first.id} superseded`,
      `${second.id} pending`,
      `${second.id} answered`,
    ]);
  } finally {
    await people.close();
  }
});

const questionsOf = (id: string) =>
  seenOf(id).flatMap(({ question }) => (question === undefined ? [] : [question as Question]));

async function answer(people: ChannelsClient, question: Question): Promise<void> {
  const allow = question.type === "permission" ? question.options[0] : undefined;
  const { optionId = "", kind = "allow_once" } = allow ?? {};
  const outcome = await people.questions.answer(question.id, {
    answer: { at: "selected", optionId, kind },
    by: "person",
  });
  expect(outcome.at).toBe("answered");
}

it("goes over TLS to whom the ingress trusts, and not to others", {
  timeout: LONG_MS,
}, async ({ skip }) => {
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-tls-"));
  const [trusted, other] = ["trusted", "other"].map((name) => certificate(dir, name));
  skip(trusted === undefined || other === undefined, "needs openssl to make certificates");
  const good = await startCallbackEndpoint(SECRET, trusted);
  const bad = await startCallbackEndpoint(SECRET, other);
  try {
    const env = { NODE_EXTRA_CA_CERTS: join(dir, "trusted.crt") };
    await open("", env, [good.hostAndPort, bad.hostAndPort]);
    const toGood = await send("good", "hello", good);
    const toBad = await send("bad", "hello", bad);
    await counted(toGood, { delivered: 1, pending: 0 });
    expect(good.seen).toMatchObject([{ promptId: toGood, type: "completed" }]);
    await waitUntil(
      "the other one is not trusted",
      async () => (await system.prompt(toBad)).callbacks?.lastError?.code === "tls_failed",
    );
    expect(bad.seen).toEqual([]);
  } finally {
    await Promise.all([good.stop(), bad.stop()]);
    rmSync(dir, { recursive: true, force: true });
  }
});

/** One for `localhost` that nobody has signed but itself; undefined where there is no openssl. */
function certificate(dir: string, name: string): { key: string; cert: string } | undefined {
  const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.crt`)];
  const what = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(
    " ",
  );
  const whose = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  try {
    const args = [...what, ...whose, "-keyout", key, "-out", cert];
    execFileSync("openssl", args, { stdio: "ignore", timeout: 10_000 });
  } catch {
    return undefined;
  }
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
