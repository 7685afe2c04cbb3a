import { newApiKey } from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer } from "@pilotlight/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RawAnswer, rawExchange } from "./support/raw-exchange.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
beforeAll(async () => {
  redis = await startTestServer();
});
afterAll(() => redis.stop());
// Wrong keys are counted by address, so every test has an ingress of its own.
beforeEach(async () => {
  ingress = await startIngress(redis.url, {
    http: { allowed_hosts: ["agents.example:8443"], allowed_origins: ["https://chat.example"] },
  });
  return () => ingress.service.stop();
});

const ROUTES = [
  ["POST", "/v1/channels/ops/prompts"],
  ["GET", "/v1/prompts"],
  ["GET", "/v1/prompts/p_00000000000000000000000000"],
  ["GET", "/v1/prompts/p_00000000000000000000000000/events"],
  ["GET", "/v1/channels/ops/events"],
  ["POST", "/v1/channels/ops/warm"],
  ["POST", "/v1/channels/ops/cool"],
  ["GET", "/v1/sessions"],
  ["GET", "/v1/workers"],
  ["POST", "/webhook/session/ops"],
  ["GET", "/readyz"],
  ["GET", "/openapi.json"],
  ["GET", "/nowhere"],
] as const;
const OPEN_ROUTES = [
  ["GET", "/livez"],
  ["GET", "/board"],
] as const;

function send(
  [method, path]: readonly [string, string],
  headers: readonly string[],
  host: string | undefined = `127.0.0.1:${ingress.port}`,
): Promise<RawAnswer> {
  return rawExchange(
    ingress.port,
    [
      `${method} ${path} HTTP/1.1`,
      ...(host === undefined ? [] : [`Host: ${host}`]),
      "Connection: close",
      ...headers,
      "",
      "",
    ].join("\r\n"),
  );
}

const withKey = (key = ingress.apiKey) => `Authorization: Bearer ${key}`;
const withoutOwnIds = ({ requestId: _, instance: __, ...rest }: Record<string, unknown>) => rest;

describe("a request without the key", () => {
  it.each(ROUTES)("%s %s is refused", async (...route) => {
    const answer = await send(route, []);
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
    expect(answer.json.code).toBe("unauthenticated");
  });

  it("is told the same whatever is wrong with what it has", async () => {
    const other = newApiKey();
    const answers = await Promise.all(
      [
        [],
        ["Authorization:"],
        ["Authorization: Bearer"],
        ["Authorization: Basic dXNlcjpwYXNz"],
        [`Authorization: ${ingress.apiKey}`],
        [withKey(other)],
        [withKey(`${ingress.apiKey.slice(0, -1)}!`)],
        [withKey(ingress.apiKey.slice(0, -1))],
        [withKey(`${ingress.apiKey}x`)],
        [withKey(ingress.apiKey.toUpperCase())],
      ].map((headers) => send(["GET", "/v1/workers"], headers)),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(withoutOwnIds(answer.json)).toEqual(withoutOwnIds(answers[0]?.json ?? {}));
    }
  });

  it("hears from /livez that the process lives, and nothing else", async () => {
    const answer = await send(["GET", "/livez"], []);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ status: "alive" });
  });
});

describe("the key", () => {
  it("opens every route", async () => {
    for (const route of ROUTES.filter(([, path]) => !path.endsWith("/events"))) {
      expect((await send(route, [withKey()])).status).not.toBe(401);
    }
  });

  it.each(["key", "api_key", "api-key", "apikey", "token", "access_token", "Authorization"])(
    "is not taken from the query parameter %s, and does not come back",
    async (name) => {
      const answer = await send(["GET", `/v1/workers?${name}=${ingress.apiKey}`], [withKey()]);
      expect(answer.status).toBe(400);
      expect(answer.json.code).toBe("key_in_query");
      expect(answer.body).not.toContain(ingress.apiKey);
    },
  );

  it("is noticed in a query under any name", async () => {
    const answer = await send(["GET", `/v1/workers?x=${ingress.apiKey}`], [withKey()]);
    expect(answer.json.code).toBe("key_in_query");
  });
});

describe("wrong keys", () => {
  it("are answered 429 after twenty, while the right one still opens", async () => {
    const guess = () => send(["GET", "/v1/workers"], [withKey(newApiKey())]);
    const statuses: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      statuses.push((await guess()).status);
    }
    expect(new Set(statuses)).toEqual(new Set([401]));
    const limited = await guess();
    expect(limited.status).toBe(429);
    expect(limited.json).toMatchObject({ code: "rate_limited" });
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
    expect((await send(["GET", "/v1/workers"], [withKey()])).status).toBe(200);
  });

  it("are counted by the address they come from, not by the one they claim", async () => {
    for (let i = 0; i < 20; i += 1) {
      await send(["GET", "/v1/workers"], [withKey(newApiKey()), `X-Forwarded-For: 10.0.0.${i}`]);
    }
    const next = await send(
      ["GET", "/v1/workers"],
      [withKey(newApiKey()), "X-Forwarded-For: 10.9.9.9"],
    );
    expect(next.status).toBe(429);
  });
});

describe("a host name", () => {
  it.each([...ROUTES, ...OPEN_ROUTES])(
    "that is foreign gets nothing of %s %s",
    async (...route) => {
      const answer = await send(route, [withKey()], "evil.example");
      expect(answer).toMatchObject({ status: 421, json: { code: "host_not_allowed" } });
    },
  );

  it.each([
    ["an address that is not ours", "10.1.2.3"],
    ["a name that only begins like ours", "localhost.evil.example"],
    ["the name of everything", "0.0.0.0"],
    ["a name that ends in a dot", "localhost."],
  ])("%s is not served", async (_, host) => {
    expect((await send(["GET", "/livez"], [], host)).status).toBe(421);
  });

  it.each([
    ["that is missing", undefined, []],
    ["that comes twice", "localhost", ["Host: localhost"]],
    ["that comes twice, once foreign", "localhost", ["hOsT: evil.example"]],
    ["that is empty", "", []],
    ["with a user", "evil@localhost", []],
    ["with a path", "localhost/x", []],
    ["with a space", "localhost evil.example", []],
  ])("%s is refused", async (_, host, headers) => {
    const answer = await rawExchange(
      ingress.port,
      [
        "GET /livez HTTP/1.1",
        ...(host === undefined ? [] : [`Host: ${host}`]),
        ...headers,
        "Connection: close",
        "",
        "",
      ].join("\r\n"),
    );
    expect(answer).toMatchObject({ status: 400, json: { code: "host_not_allowed" } });
  });

  it.each([
    "localhost",
    "LOCALHOST:1",
    "127.0.0.1:9999",
    "[::1]:80",
    "agents.example",
    "agents.example:8443",
  ])("%s is served", async (host) => {
    expect((await send(["GET", "/livez"], [], host)).status).toBe(200);
  });
});

describe("a page in a browser", () => {
  const from = (origin: string) => `Origin: ${origin}`;

  it.each([...ROUTES, ...OPEN_ROUTES])(
    "of a foreign origin may not call %s %s",
    async (...route) => {
      const answer = await send(route, [withKey(), from("https://evil.example")]);
      expect(answer).toMatchObject({ status: 403, json: { code: "origin_not_allowed" } });
      expect(Object.keys(answer.headers).join()).not.toContain("access-control");
    },
  );

  it.each([
    "null",
    "http://localhost:1",
    "https://chat.example.evil.example",
    "https://chat.example:444",
  ])("of the origin %s may not call", async (origin) => {
    expect((await send(["GET", "/v1/workers"], [withKey(), from(origin)])).status).toBe(403);
  });

  it("of our own origin may call", async () => {
    const own = from(`http://127.0.0.1:${ingress.port}`);
    expect((await send(["GET", "/v1/workers"], [withKey(), own])).status).toBe(200);
  });

  it("of a listed origin may ask what it may send, and call with the key", async () => {
    const listed = from("https://chat.example");
    const preflight = await send(["OPTIONS", "/v1/channels/ops/prompts"], [listed]);
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe("https://chat.example");
    expect(preflight.headers["access-control-allow-headers"]).toContain("authorization");
    expect((await send(["GET", "/v1/workers"], [listed])).status).toBe(401);
    const call = await send(["GET", "/v1/workers"], [listed, withKey()]);
    expect(call.status).toBe(200);
    expect(call.headers["access-control-allow-origin"]).toBe("https://chat.example");
  });

  it("of no listed origin gets no answer to its question", async () => {
    const preflight = await send(["OPTIONS", "/v1/workers"], [from("https://evil.example")]);
    expect(preflight.status).toBe(403);
  });
});
