import { createServer } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it } from "vitest";
import type { Callback, SenderOptions } from "../src/index.ts";
import { createSender } from "../src/index.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const NEXT_SECRET = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;
const never = new AbortController().signal;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function receiver(...input: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...input);
  ends.push(started.stop);
  return started;
}

const sender = (port: number, options: Partial<SenderOptions> = {}) =>
  createSender({
    rules: { allowHttp: false, ports: [], allowPrivate: [`127.0.0.1:${port}`] },
    secrets: [{ host: "*", secrets: [SECRET] }],
    deadlineMs: 10_000,
    ...options,
  });

const callback = (url: string, data: Callback["data"] = {}): Callback => ({
  id: "p_1_1",
  url,
  type: "completed",
  promptId: "p_1",
  channel: "ops",
  at: 1000,
  data,
});

describe("a callback", () => {
  it("is posted as small JSON that says what it is about, and whatever its event says", async () => {
    const { port, received } = await receiver();
    const data = { promptId: "p_1", state: "completed", type: "pretended" };
    const url = `http://127.0.0.1:${port}/hook?token=t`;
    expect(await sender(port).send(callback(url, data), never)).toEqual({
      at: "delivered",
      status: 204,
    });
    expect(received[0]?.path).toBe("/hook?token=t");
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({
      type: "completed",
      id: "p_1_1",
      promptId: "p_1",
      channel: "ops",
      at: 1000,
      state: "completed",
    });
  });

  it("is signed so that Standard Webhooks verifies it, with either of two active secrets", async () => {
    const { port, received } = await receiver();
    const secrets = [{ host: "*", secrets: [SECRET, NEXT_SECRET] }];
    await sender(port, { secrets }).send(callback(`http://127.0.0.1:${port}/`), never);
    const { headers = {}, body = "" } = received[0] ?? {};
    for (const secret of [SECRET, NEXT_SECRET]) {
      const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
      expect(verified).toMatchObject({ id: headers["webhook-id"] });
    }
    const other = new Webhook(Buffer.alloc(32, 3).toString("base64"));
    expect(() => other.verify(body, headers as Record<string, string>)).toThrow(/signature/i);
  });

  it("is never sent unsigned", async () => {
    const { port, received } = await receiver();
    const secrets = [{ host: "*.example.com", secrets: [SECRET] }];
    const url = `http://127.0.0.1:${port}/`;
    expect(await sender(port, { secrets }).send(callback(url), never)).toMatchObject({
      code: "no_secret",
    });
    expect(received).toEqual([]);
  });
});

describe("an endpoint", () => {
  it.each([
    [400, "refused", "again"],
    [404, "refused", "again"],
    [500, "refused", "again"],
    [410, "gone", "all"],
  ])("that answers %i is %s, to be tried %s", async (status, code, retry) => {
    const { port } = await receiver((response) => void response.writeHead(status).end());
    const outcome = await sender(port).send(callback(`http://127.0.0.1:${port}/`), never);
    expect(outcome).toEqual({ at: "failed", code, status, retry });
  });

  it("may say when it wants to be asked again", async () => {
    const { port } = await receiver(
      (response) => void response.writeHead(503, { "retry-after": "120" }).end(),
    );
    expect(await sender(port).send(callback(`http://127.0.0.1:${port}/`), never)).toMatchObject({
      code: "refused",
      retryAfterMs: 120_000,
    });
  });

  it("cannot send a callback elsewhere", async () => {
    const elsewhere = await receiver();
    const { port, received } = await receiver((response) => {
      const location = `http://127.0.0.1:${elsewhere.port}/`;
      response.writeHead(307, { location }).end();
    });
    expect(await sender(port).send(callback(`http://127.0.0.1:${port}/`), never)).toMatchObject({
      code: "redirected",
      status: 307,
    });
    expect([received.length, elsewhere.received.length]).toEqual([1, 0]);
  });

  it("that answers without end is heard up to its status", async () => {
    const { port } = await receiver((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x".repeat(65_536)), 1);
      response.on("close", () => clearInterval(timer));
    });
    expect(await sender(port).send(callback(`http://127.0.0.1:${port}/`), never)).toMatchObject({
      at: "delivered",
    });
  });

  it("that does not answer is given up at the deadline, or when told to", async () => {
    const { port } = await receiver(() => undefined);
    const url = `http://127.0.0.1:${port}/`;
    expect(await sender(port, { deadlineMs: 50 }).send(callback(url), never)).toMatchObject({
      code: "timed_out",
      retry: "again",
    });
    const told = new AbortController();
    const sending = sender(port).send(callback(url), told.signal);
    told.abort();
    expect(await sending).toMatchObject({ code: "timed_out" });
  });

  it("that nobody serves, or that is not HTTP, is unreachable", async () => {
    const { port, stop } = await startReceiver();
    await stop();
    expect(await sender(port).send(callback(`http://127.0.0.1:${port}/`), never)).toMatchObject({
      code: "unreachable",
      retry: "again",
    });
    const server = createServer((socket) => socket.end("nonsense\r\n\r\n"));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    ends.push(async () => void server.close());
    const { port: other } = server.address() as { port: number };
    expect(await sender(other).send(callback(`http://127.0.0.1:${other}/`), never)).toMatchObject({
      code: "unreachable",
    });
  });

  it("without TLS gets nothing that is meant for https", async () => {
    const { port, received } = await receiver();
    expect(await sender(port).send(callback(`https://127.0.0.1:${port}/`), never)).toMatchObject({
      code: "tls_failed",
    });
    expect(received).toEqual([]);
  });
});

describe("a private address", () => {
  it.each([
    "http://127.0.0.1",
    "http://127.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://[::ffff:127.0.0.1]",
    "http://localhost",
  ])("gets nothing as %s", async (origin) => {
    const { port, received } = await receiver();
    const rules = { allowHttp: true, ports: [port], allowPrivate: [] };
    const url = `${origin}:${port}/`;
    expect(await sender(port, { rules }).send(callback(url), never)).toEqual({
      at: "failed",
      code: "blocked_address",
      retry: "never",
    });
    expect(received).toEqual([]);
  });

  it.each([
    [["127.0.0.1"]],
    [["93.184.216.34", "127.0.0.1"]],
    [["::ffff:127.0.0.1"]],
    [["::1"]],
    [["169.254.169.254"]],
  ])("gets nothing by a name that leads to %j", async (addresses) => {
    const { port, received } = await receiver();
    const rules = { allowHttp: true, ports: [port], allowPrivate: [] };
    const outcome = await sender(port, {
      rules,
      resolve: (_, answer) =>
        answer(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        ),
    }).send(callback(`http://hooks.example.com:${port}/`), never);
    expect(outcome).toEqual({ at: "failed", code: "blocked_address", retry: "never" });
    expect(received).toEqual([]);
  });

  it("is not reached by a name that leads there by the time it is connected to", async () => {
    const { port, received } = await receiver();
    const answers = [new Error("not known yet"), null, null];
    let asked = 0;
    const changing = sender(port, {
      rules: { allowHttp: true, ports: [port], allowPrivate: [] },
      resolve: (_, answer) => {
        const error = answers[asked] ?? null;
        asked += 1;
        answer(error, error === null ? [{ address: "127.0.0.1", family: 4 }] : []);
      },
    });
    const one = callback(`http://hooks.example.com:${port}/`);
    expect(await changing.send(one, never)).toMatchObject({ code: "unreachable", retry: "again" });
    expect(await changing.send(one, never)).toMatchObject({ code: "blocked_address" });
    // Each try asked once: nobody resolves the name again between the look and the connection.
    expect(asked).toBe(2);
    expect(received).toEqual([]);
  });

  it("may be named in the configuration, as host and port, and by no other name", async () => {
    const { port, received } = await receiver();
    const resolve: SenderOptions["resolve"] = (_, answer) =>
      answer(null, [{ address: "127.0.0.1", family: 4 }]);
    const rules = { allowHttp: true, ports: [port], allowPrivate: [`127.0.0.1:${port}`] };
    const named = sender(port, { rules, resolve });
    expect(await named.send(callback(`http://127.0.0.1:${port}/`), never)).toMatchObject({
      at: "delivered",
    });
    expect(await named.send(callback(`http://hooks.example.com:${port}/`), never)).toMatchObject({
      code: "blocked_address",
    });
    expect(received).toHaveLength(1);
  });
});

it("tells no more of a failure than what kind it is", async () => {
  const url = "http://hooks.example.com:1/secret-path?token=t";
  const outcome = await sender(1, {
    rules: { allowHttp: true, ports: [1], allowPrivate: [] },
    resolve: (_, answer) => answer(new Error("getaddrinfo ENOTFOUND hooks.example.com"), []),
  }).send(callback(url), never);
  expect(outcome).toEqual({ at: "failed", code: "unreachable", retry: "again" });
});
