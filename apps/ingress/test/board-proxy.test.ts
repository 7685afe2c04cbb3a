import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer } from "@pilotlight/testkit";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress | undefined;
let board: Server;
const seen: { request: IncomingMessage; body: string }[] = [];
beforeAll(async () => {
  redis = await startTestServer();
  board = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) {
      body += chunk;
    }
    seen.push({ request, body });
    response.writeHead(request.url === "/board/moved" ? 303 : 200, {
      "set-cookie": ["a=1; HttpOnly", "b=2"],
      "content-type": "text/html",
      location: "/board/",
    });
    response.end(`seen ${request.url}`);
  });
  board.listen(0, "127.0.0.1");
  await once(board, "listening");
});
afterEach(async () => {
  await ingress?.service.stop();
  seen.length = 0;
});
afterAll(async () => {
  board.close();
  board.closeAllConnections();
  await redis.stop();
});

const listen = () => `127.0.0.1:${(board.address() as AddressInfo).port}`;

it("passes requests on as they are, with the caller's address, and answers back", async () => {
  ingress = await startIngress(redis.url, { board: { listen: listen() } });
  const response = await fetch(`${ingress.url}/board/sign-in?next=%2Fboard`, {
    method: "POST",
    headers: { cookie: "c=3", "x-forwarded-for": "6.6.6.6", "x-forwarded-host": "evil.example" },
    body: "key=secret",
  });
  expect(response.status).toBe(200);
  expect(response.headers.getSetCookie()).toEqual(["a=1; HttpOnly", "b=2"]);
  expect(await response.text()).toBe("seen /board/sign-in?next=%2Fboard");
  const { request, body } = seen[0] ?? {};
  expect(body).toBe("key=secret");
  expect(request?.method).toBe("POST");
  expect(request?.headers).toMatchObject({
    cookie: "c=3",
    host: new URL(ingress.url).host,
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": new URL(ingress.url).host,
  });
});

it("hands redirects to the browser instead of following them", async () => {
  ingress = await startIngress(redis.url, { board: { listen: listen() } });
  const response = await fetch(`${ingress.url}/board/moved`, { redirect: "manual" });
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe("/board/");
});

it("keeps paths that only look like the board's to itself", async () => {
  ingress = await startIngress(redis.url, { board: { listen: listen() } });
  expect((await fetch(`${ingress.url}/boardroom`)).status).toBe(401);
  expect(seen).toHaveLength(0);
});

it.each([
  ["not configured", {}],
  ["away", { board: { listen: "127.0.0.1:1" } }],
])("says 503 while the board is %s", async (_, settings) => {
  ingress = await startIngress(redis.url, settings);
  const response = await fetch(`${ingress.url}/board`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: "board_unavailable" });
});
