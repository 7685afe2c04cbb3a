import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
beforeAll(async () => {
  redis = await startTestServer();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  ingress = await startIngress(redis.url);
});
afterEach(() => ingress.service.stop());

/** A connection whose text is collected. */
function dial(): { socket: Socket; text: () => string; closed: Promise<unknown> } {
  let received = "";
  const socket = connect(ingress.port, "127.0.0.1");
  socket.on("data", (chunk) => {
    received += chunk;
  });
  return { socket, text: () => received, closed: once(socket, "close") };
}

const head = (line: string, more: readonly string[] = []) =>
  [line, "Host: localhost", `Authorization: Bearer ${ingress.apiKey}`, ...more, "", ""].join(
    "\r\n",
  );

it("ends open streams with a hint when to come back", async () => {
  const streams = await Promise.all([
    ingress.fetch("/v1/channels/ops/events"),
    ingress.post("/v1/channels/ops/prompts", { prompt: "x" }, { accept: "text/event-stream" }),
  ]);
  await ingress.service.drain();
  for (const response of streams) {
    expect(await response.text()).toMatch(/retry: \d+\n\n$/);
  }
});

it("tells who waits that the prompt is accepted", async () => {
  const waiting = ingress.post("/v1/channels/ops/prompts", { prompt: "x" }, { prefer: "wait=60" });
  await waitUntil("it is accepted", async () => {
    const { items } = (await (await ingress.fetch("/v1/prompts?channel=ops")).json()) as {
      items: { state: string }[];
    };
    return items.some((prompt) => prompt.state === "accepted");
  });
  await ingress.service.drain();
  const response = await waiting;
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({ state: "accepted" });
});

it("finishes a request that is under way, refuses the next one on its connection, and takes no other", async () => {
  const body = '{"prompt":"x"}';
  const { socket, text, closed } = dial();
  socket.write(
    head("POST /v1/channels/drain/prompts HTTP/1.1", [
      "Content-Type: application/json",
      "Expect: 100-continue",
      `Content-Length: ${body.length}`,
    ]),
  );
  await waitUntil("the body is asked for", () => text().includes("100 Continue"));
  const second = dial();
  second.socket.write("GET /v1/workers HTTP/1.1\r\nHost: localhost\r\n");
  await once(second.socket, "connect");
  // Both connections are known to the server once a third request has been answered.
  await ingress.fetch("/readyz");
  const drained = ingress.service.drain();
  await expect(fetch(`${ingress.url}/livez`)).rejects.toThrow();
  second.socket.write(`Authorization: Bearer ${ingress.apiKey}\r\n\r\n`);
  await second.closed;
  expect(second.text()).toContain(" 503 ");
  expect(second.text()).toContain('"code":"draining"');
  expect(second.text().toLowerCase()).toContain("retry-after:");
  socket.write(body);
  await closed;
  expect(text()).toContain(" 202 ");
  await drained;
});

it("is over at once where nothing is under way, idle connections notwithstanding", async () => {
  const { socket, text, closed } = dial();
  socket.write(head("GET /readyz HTTP/1.1"));
  await waitUntil("it was answered", () => text().includes(" 200 "));
  await ingress.service.drain();
  await closed;
});
