import { createLogger } from "@pilotlight/lifecycle";
import { connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import { type RedisServer, startRedisServer, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import type { ChannelsClient } from "../src/channels-client.ts";
import { openChannelsClient } from "../src/open-channels-client.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";

let primary: RedisServer;
let replica: RedisServer;
let onReplica: Redis;
let channels: TestChannels;
let client: ChannelsClient;
beforeEach(async ({ skip }) => {
  skip(!inject("redisDurable"), "needs a real redis-server");
  [primary, replica] = await Promise.all([startRedisServer(), startRedisServer()]);
  channels = await openTestChannels(primary.url);
  client = await openChannelsClient({
    url: primary.url,
    name: "client",
    limits: {
      queuePerChannel: 1000,
      queueTotal: 10_000,
      eventsPerChannel: 100,
      retentionMs: 60_000,
    },
    minReplicas: 1,
    log: createLogger("test", "silent"),
  });
  onReplica = connectRedis({ url: replica.url, name: "test" });
  await whenReady(onReplica, 5000);
  await onReplica.call("REPLICAOF", "127.0.0.1", String(primary.port));
  await waitUntil("it replicates", async () =>
    /master_link_status:up/.test(await onReplica.info("replication")),
  );
});
afterEach(async () => {
  onReplica?.disconnect();
  await client?.close();
  await channels?.close();
  await Promise.all([primary?.stop(), replica?.stop()]);
});

const enqueue = (id: string, channel = "ops") =>
  client.enqueue({ id, channel, prompt: "hello", surface: "api", bodyHash: "same" });

it("has told a replica of every prompt that it accepted", async () => {
  const ids = Array.from({ length: 200 }, (_, i) => `p_${i}`);
  const outcomes = await Promise.all(ids.map((id, i) => enqueue(id, `c${i % 10}`)));
  expect(outcomes.every(({ at }) => at === "accepted")).toBe(true);
  // The primary is gone at this very moment, with what it had not sent.
  await primary.end("SIGKILL");
  const kept = await Promise.all(ids.map((id) => onReplica.exists(`{pl}:p:${id}`)));
  expect(kept.filter((there) => there === 1)).toHaveLength(200);
});

it("does not say accepted while no replica answers, and says it to the repeated request", async () => {
  replica.signal("SIGSTOP");
  const refusal = { code: "STORE_UNAVAILABLE", outcome: "unknown" };
  await expect(enqueue("p_1")).rejects.toMatchObject(refusal);
  // It is there, and still not known to be kept.
  await expect(enqueue("p_1")).rejects.toMatchObject(refusal);
  expect((await client.getPrompt("p_1"))?.state).toBe("accepted");
  replica.signal("SIGCONT");
  const outcome = await waitUntil("it is accepted", () => enqueue("p_1").catch(() => undefined));
  expect(outcome).toMatchObject({ at: "duplicate", position: 1 });
});

it("answers reads in time while writes wait for replicas", async () => {
  replica.signal("SIGSTOP");
  const writes = Promise.allSettled(Array.from({ length: 20 }, (_, i) => enqueue(`p_${i}`)));
  const startedAtMs = performance.now();
  await client.listPrompts({ limit: 10 });
  expect(performance.now() - startedAtMs).toBeLessThan(1000);
  const outcomes = await writes;
  expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
  replica.signal("SIGCONT");
});

it("keeps a turn from its agent until a replica knows that it was dispatched", async () => {
  const worker = await channels.worker("w1", 15_000, { minReplicas: 1 });
  await enqueue("p_1");
  const [owned] = await channels.claim(worker);
  await owned?.fetch();
  replica.signal("SIGSTOP");
  let dispatched = false;
  const dispatching = owned
    ?.dispatch({
      promptId: "p_1",
      session: { id: "s", opened: "warm", agent: "demo" },
      guarded: true,
      live: { state: "busy", fence: Number(owned.fence), agent: "demo" },
    })
    .then((outcome) => {
      dispatched = true;
      return outcome;
    });
  await waitUntil(
    "the primary knows",
    async () => (await client.getPrompt("p_1"))?.state === "running",
  );
  expect(dispatched).toBe(false);
  replica.signal("SIGCONT");
  expect(await dispatching).toMatchObject({ at: "dispatched" });
  expect(await onReplica.hget("{pl}:p:p_1", "st")).toBe("running");
});
