import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTcpProxy, startTestServer, type TcpProxy, waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ActingWorker, actAsWorker } from "./support/act-as-worker.ts";
import { collectEvents, piecesOf, typesOf } from "./support/collect-events.ts";
import { expectAllRefusedInTime } from "./support/expect-all-refused-in-time.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let proxy: TcpProxy;
let ingress: RunningIngress;
let worker: ActingWorker | undefined;
/** The ingress behind the proxy; the worker talks to Redis directly. */
beforeEach(async () => {
  redis = await startTestServer();
  proxy = await startTcpProxy(redis.url);
  ingress = await startIngress(proxy.url);
});
afterEach(async () => {
  proxy.heal();
  proxy.cut();
  await worker?.stop();
  worker = undefined;
  await ingress.service.stop();
  await proxy.stop();
  await redis.stop();
});

const ready = () => ingress.fetch("/readyz").then((response) => response.ok);

it("answers every route in time while nothing gets through, and serves again by itself", async () => {
  proxy.blackHole();
  await expectAllRefusedInTime(ingress);
  // Again, now that the connections are known to be bad.
  await expectAllRefusedInTime(ingress);
  proxy.heal();
  await waitUntil("it serves again", ready);
});

it("serves over new connections when those it has fall silent", async () => {
  proxy.silenceOpen();
  await waitUntil("it serves again", ready, 10_000);
  const accepted = await ingress.post("/v1/channels/ops/prompts", { prompt: "x" });
  expect(accepted.status).toBe(202);
});

it("streams a whole turn although the links fell silent in the middle of it", async () => {
  const goOn = Promise.withResolvers<void>();
  worker = await actAsWorker(redis.url, async (turn) => {
    await turn.say("before");
    await goOn.promise;
    await turn.say("after");
  });
  const response = await ingress.post(
    "/v1/channels/ops/prompts",
    { prompt: "x" },
    { accept: "text/event-stream" },
  );
  const events = await collectEvents(response, (event) => {
    if (event.type === "update") {
      // What follows is said to a connection that nobody hears any more.
      proxy.silenceOpen();
      goOn.resolve();
    }
    return event.type === "completed";
  });
  expect(typesOf(events)).toEqual(["accepted", "started", "update", "update", "completed"]);
  expect(piecesOf(events)).toEqual(["before", "after"]);
});

it("tries at a calm pace while nothing gets through to many readers, and loses none of them", async () => {
  worker = await actAsWorker(redis.url);
  const ending = new AbortController();
  const streams = await Promise.all(
    Array.from({ length: 20 }, () =>
      ingress.fetch("/v1/channels/ops/events", { signal: ending.signal }),
    ),
  );
  const finished = streams.map((stream) =>
    collectEvents(stream, (event) => event.type === "completed"),
  );
  const before = proxy.accepted();
  proxy.blackHole();
  await expectAllRefusedInTime(ingress);
  expect(proxy.accepted() - before).toBeLessThan(20);
  proxy.heal();
  await waitUntil("it serves again", ready);
  await ingress.post("/v1/channels/ops/prompts", { prompt: "x" });
  for (const events of await Promise.all(finished)) {
    expect(typesOf(events)).toEqual(["accepted", "started", "update", "completed"]);
  }
  ending.abort();
});
