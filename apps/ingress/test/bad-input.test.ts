import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rawExchange } from "./support/raw-exchange.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
beforeAll(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url, {
    limits: { body_bytes: 4096, prompt_bytes: 1000 },
  });
});
afterAll(async () => {
  await ingress.service.stop();
  await redis.stop();
});

const PROMPTS = "/v1/channels/ops/prompts";
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

interface RawPost {
  readonly path?: string;
  readonly method?: string;
  readonly type?: string | null;
  readonly headers?: readonly string[];
  readonly body?: Buffer | string;
  /** Content-Length is counted unless this is false. */
  readonly counted?: boolean;
}

/** A request with the key over a socket of its own, so that nothing corrects it on the way. */
async function send(post: RawPost) {
  const body = Buffer.from(post.body ?? "");
  const type = post.type === undefined ? "application/json" : post.type;
  const head = [
    `${post.method ?? "POST"} ${post.path ?? PROMPTS} HTTP/1.1`,
    `Host: 127.0.0.1:${ingress.port}`,
    "Connection: close",
    `Authorization: Bearer ${ingress.apiKey}`,
    ...(type === null ? [] : [`Content-Type: ${type}`]),
    ...(post.counted === false ? [] : [`Content-Length: ${body.length}`]),
    ...(post.headers ?? []),
    "",
    "",
  ].join("\r\n");
  const answer = await rawExchange(ingress.port, head, body);
  if (post.method !== "HEAD") {
    expectWellFormed(answer);
  }
  return answer;
}

/** What holds for every error, whatever went wrong. */
function expectWellFormed(answer: Awaited<ReturnType<typeof rawExchange>>): void {
  if (answer.status >= 400) {
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(answer.json).toMatchObject({ status: answer.status });
    expect(answer.json.requestId).toBe(answer.headers["x-request-id"]);
    expect(answer.body).not.toMatch(/<html|node_modules|\.ts:|at \w+ \(|redis|ECONN/i);
    expect(answer.body).not.toContain(ingress.apiKey);
  }
}

function nested(depth: number): string {
  return `{"prompt":"x","metadata":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
}

describe("a body", () => {
  const cases: readonly [string, RawPost, number, string, object?][] = [
    ["that ends early", { body: '{"a":' }, 400, "json_malformed", { offset: 5 }],
    ["with a bare word", { body: '{"prompt": nope}' }, 400, "json_malformed", { offset: 11 }],
    ["that is empty", { body: "" }, 400, "body_required"],
    ["of spaces", { body: "   " }, 400, "json_malformed", { offset: 3 }],
    ["that is missing", { counted: false }, 400, "body_required"],
    ["of text", { type: "text/plain", body: json({ prompt: "x" }) }, 415, "unsupported_media_type"],
    ["of no type", { type: null, body: json({ prompt: "x" }) }, 415, "unsupported_media_type"],
    [
      "in UTF-7",
      { type: "application/json; charset=utf-7", body: json({ prompt: "x" }) },
      415,
      "unsupported_media_type",
    ],
    [
      "of bytes that are not UTF-8",
      { body: Buffer.from([...Buffer.from('{"prompt":"'), 0xc3, 0x28, 0x22, 0x7d]) },
      400,
      "invalid_utf8",
    ],
    ["in UTF-16", { body: Buffer.from('{"prompt":"x"}', "utf16le") }, 400, "json_malformed"],
    [
      "in UTF-16 with a byte order mark",
      { body: Buffer.from('\ufeff{"prompt":"x"}', "utf16le") },
      400,
      "json_malformed",
    ],
    [
      "that says it is too long",
      { headers: ["Content-Length: 4097"], counted: false },
      413,
      "body_too_large",
      { limit: 4096, actual: 4097 },
    ],
    [
      "that is too long without saying so",
      {
        counted: false,
        headers: ["Transfer-Encoding: chunked"],
        body: `1100\r\n${" ".repeat(0x1100)}\r\n0\r\n\r\n`,
      },
      413,
      "body_too_large",
      { limit: 4096 },
    ],
    [
      "in an unknown encoding",
      { headers: ["Content-Encoding: nope"], body: json({ prompt: "x" }) },
      415,
      "unsupported_encoding",
    ],
    [
      "that is compressed",
      { headers: ["Content-Encoding: gzip"], body: json({ prompt: "x" }) },
      415,
      "unsupported_encoding",
    ],
    ["nested 33 levels deep", { body: nested(31) }, 400, "json_too_deep", { limit: 32 }],
    ["nested a thousand levels deep", { body: nested(1000) }, 400, "json_too_deep"],
    ["that is an array", { body: "[]" }, 422, "object_required"],
    ["that is a string", { body: '"x"' }, 422, "object_required"],
    ["that is a number", { body: "7" }, 422, "object_required"],
    ["that is null", { body: "null" }, 422, "object_required"],
    [
      "with an unknown field",
      { body: json({ prompt: "x", cwd: "/" }) },
      422,
      "unknown_field",
      { errors: [{ pointer: "/cwd", detail: expect.any(String) }] },
    ],
    ["with env", { body: json({ prompt: "x", env: {} }) }, 422, "unknown_field"],
    [
      "with a field of a later version",
      { body: json({ prompt: "x", deadlineSecs: 5 }) },
      422,
      "unknown_field",
    ],
    ["with __proto__", { body: '{"prompt":"x","__proto__":{"a":1}}' }, 422, "unknown_field"],
    [
      "with __proto__ deep inside",
      { body: '{"prompt":"x","metadata":{"a":[{"__proto__":{}}]}}' },
      422,
      "unknown_field",
      { errors: [{ pointer: "/metadata/a/0/__proto__", detail: expect.any(String) }] },
    ],
    [
      "with two faults",
      { body: json({ prompt: 7, surface: "fax" }) },
      422,
      "wrong_type",
      {
        errors: [
          { pointer: "/prompt", detail: expect.any(String) },
          { pointer: "/surface", detail: expect.any(String) },
        ],
      },
    ],
    ["without a prompt", { body: "{}" }, 422, "prompt_required"],
    ["with an empty prompt", { body: json({ prompt: "" }) }, 422, "prompt_required"],
    ["with a blank prompt", { body: json({ prompt: " \n\t\u00a0" }) }, 422, "prompt_required"],
    ["with a number for a prompt", { body: json({ prompt: 7 }) }, 422, "wrong_type"],
    ["with null for a prompt", { body: json({ prompt: null }) }, 422, "wrong_type"],
    ["with an array for a prompt", { body: json({ prompt: ["x"] }) }, 422, "wrong_type"],
    ["with an object for a prompt", { body: json({ prompt: {} }) }, 422, "wrong_type"],
    [
      "with a prompt of one byte too many",
      { body: json({ prompt: `${"x".repeat(999)}é` }) },
      413,
      "prompt_too_large",
      { limit: 1000, actual: 1001 },
    ],
    ["with NUL in the prompt", { body: json({ prompt: "a\0b" }) }, 422, "control_character"],
    ["with half a surrogate pair", { body: '{"prompt":"a\\ud800b"}' }, 422, "invalid_unicode"],
    [
      "from an unknown surface",
      { body: json({ prompt: "x", surface: "fax" }) },
      422,
      "invalid_value",
    ],
    ["with text for metadata", { body: json({ prompt: "x", metadata: "m" }) }, 422, "wrong_type"],
  ];

  it.each(cases)("%s is refused", async (_, post, status, code, more = {}) => {
    const answer = await send(post);
    expect(answer.json).toMatchObject({ code, ...more });
    expect(answer.status).toBe(status);
  });

  it("is read no further than its limit", async () => {
    const answer = await send({
      counted: false,
      headers: ["Content-Length: 1000000000", "Expect: 100-continue"],
    });
    expect(answer).toMatchObject({ status: 413, json: { code: "body_too_large" } });
  });

  it("may be as long and as deep as its limits", async () => {
    const longest = json({ prompt: "x".repeat(1000) });
    expect((await send({ body: longest })).status).toBe(202);
    expect((await send({ body: nested(30) })).status).toBe(202);
  });

  it("that is announced with Expect is asked for", async () => {
    const body = json({ prompt: "x" });
    const answer = await send({ headers: ["Expect: 100-continue"], body });
    expect(answer.status).toBe(100);
    expect(answer.body).toContain("202 Accepted");
  });
});

describe("a prompt of any other text", () => {
  it.each([
    ["line separators", "a\u2028b\u2029c"],
    ["bidirectional controls", "a\u202eb\u2066c"],
    ["emoji of several code points", "👩‍👩‍👧‍👦 🏴‍☠️"],
    ["characters of four bytes", "𝒜𐍈"],
    ["right-to-left script", "שלום عليكم"],
    ["control characters", "a\u0001\u001b[31m\u007f"],
    ["line breaks of all kinds", "a\r\nb\rc\n\nevent: completed\ndata: {}\n\n"],
    ["a byte order mark inside", "a\ufeffb"],
    ["text that is not in normal form", "e\u0301"],
  ])("with %s comes back as it was sent", async (_, prompt) => {
    const accepted = await ingress.post("/v1/channels/text/prompts", { prompt });
    expect(accepted.status).toBe(202);
    const { links } = (await accepted.json()) as { links: { self: string } };
    const record = (await (await ingress.fetch(links.self)).json()) as { prompt: string };
    expect(Buffer.from(record.prompt)).toEqual(Buffer.from(prompt));
  });
});

describe("a channel", () => {
  const body = json({ prompt: "x" });
  it.each([
    "..%2Fx",
    "../x",
    "a%2Fb",
    "a/b",
    "a%00b",
    "",
    ".",
    "..",
    "x".repeat(201),
    "%F0%9F%94%A5",
    "__proto__",
    "a%20",
    "%20a",
    "a%0a",
    "-a",
  ])("%j is refused, and the pattern is told", async (channel) => {
    for (const route of [
      { path: `/v1/channels/${channel}/prompts`, body },
      { path: `/v1/channels/${channel}/warm` },
      { path: `/v1/channels/${channel}/events`, method: "GET" },
      { path: `/webhook/session/${channel}`, body },
    ]) {
      const answer = await send(route);
      expect(answer).toMatchObject({ status: 422, json: { code: "invalid_channel" } });
      expect(answer.json.detail).toContain("{0,199}");
    }
  });

  it("with an escape that is none is refused", async () => {
    const answer = await send({ path: "/v1/channels/a%zz/prompts", body });
    expect(answer).toMatchObject({ status: 400, json: { code: "url_malformed" } });
  });

  it("may have 200 characters and all that its pattern allows", async () => {
    for (const channel of [
      "x".repeat(200),
      "!room:example.org",
      "@me",
      "#a",
      "+1",
      "a=b~c_d-e.f",
    ]) {
      const path = `/v1/channels/${encodeURIComponent(channel)}/prompts`;
      expect((await send({ path, body })).json).toMatchObject({ channel, position: 1 });
    }
  });

  it("is another one in upper case", async () => {
    for (const channel of ["twin", "Twin", "TWIN"]) {
      const answer = await send({ path: `/v1/channels/${channel}/prompts`, body });
      expect(answer.json).toMatchObject({ channel, position: 1 });
    }
  });
});

describe("a route", () => {
  it.each([
    ["GET", "/v1/prompts/not-an-id", 422, "invalid_id"],
    ["GET", "/v1/prompts/p_00000000000000000000000000", 404, "prompt_not_found"],
    ["GET", "/v1/prompts/p_00000000000000000000000000/events", 404, "prompt_not_found"],
    ["GET", "/v1/prompts/..%2Fx/events", 422, "invalid_id"],
    ["GET", "/v1/nothing", 404, "route_not_found"],
    ["GET", "/", 404, "route_not_found"],
    ["GET", "/v1/prompts/", 404, "route_not_found"],
    ["GET", "/V1/prompts", 404, "route_not_found"],
    ["GET", "/v1/prompts?state=done", 422, "invalid_value"],
    ["GET", "/v1/prompts?limit=0", 422, "invalid_value"],
    ["GET", "/v1/prompts?limit=201", 422, "invalid_value"],
    ["GET", "/v1/prompts?limit=1e2", 422, "invalid_value"],
    ["GET", "/v1/prompts?limit=5&limit=6", 422, "invalid_value"],
    ["GET", "/v1/prompts?cursor=-1", 422, "invalid_value"],
    ["GET", "/v1/prompts?channel=..%2Fx", 422, "invalid_channel"],
    ["GET", "/v1/prompts?colour=red", 422, "unknown_field"],
    ["GET", `/v1/prompts?channel=${"x".repeat(8192)}`, 414, "url_too_long"],
    ["GET", "http://127.0.0.1/v1/prompts", 400, "url_malformed"],
    ["GET", "*", 400, "url_malformed"],
  ])("%s %s is answered %i %s", async (method, path, status, code) => {
    expect(await send({ method, path })).toMatchObject({ status, json: { code } });
  });

  it.each([
    ["GET", PROMPTS, "POST"],
    ["DELETE", PROMPTS, "POST"],
    ["POST", "/v1/prompts", "GET, HEAD"],
    ["PUT", "/v1/prompts/p_00000000000000000000000000", "GET, HEAD"],
    ["HEAD", "/v1/channels/ops/events", "GET"],
    ["GET", "/v1/channels/ops/warm", "POST"],
    ["OPTIONS", "/v1/workers", "GET, HEAD"],
    ["POST", "/livez", "GET, HEAD"],
  ])("does not take %s %s and says what it takes", async (method, path, allow) => {
    const answer = await send({ method, path });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
  });

  it("cannot meet another expectation", async () => {
    const answer = await send({ headers: ["Expect: 200-ok"], body: json({ prompt: "x" }) });
    expect(answer).toMatchObject({ status: 417, json: { code: "expectation_failed" } });
  });

  it("takes no fields for an intent yet", async () => {
    const answer = await send({ path: "/v1/channels/ops/warm", body: json({ agent: "claude" }) });
    expect(answer).toMatchObject({ status: 422, json: { code: "unknown_field" } });
  });

  it("refuses a Last-Event-ID that is none", async () => {
    const answer = await send({
      method: "GET",
      path: "/v1/channels/ops/events",
      headers: ["Last-Event-ID: $; DROP"],
    });
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_event_id" } });
  });

  it.each(["", "x".repeat(256), "caf\u00e9"])("refuses %j as an Idempotency-Key", async (key) => {
    const headers = [`Idempotency-Key: ${key}`];
    const answer = await send({ headers, body: json({ prompt: "x" }) });
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_idempotency_key" } });
  });
});

describe("what is not HTTP", () => {
  it.each([
    ["a line of noise", "hello\r\n\r\n", 400, "http_malformed"],
    ["a TLS hello", Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 0, 0, 0]), 400, "http_malformed"],
    [
      "two lengths",
      `POST ${PROMPTS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n`,
      400,
      "http_malformed",
    ],
    [
      "a length and chunks",
      `POST ${PROMPTS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
      "http_malformed",
    ],
    [
      "20 KB of headers",
      `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
      "headers_too_large",
    ],
  ])("%s is refused in the form of every error", async (_, bytes, status, code) => {
    const answer = await rawExchange(ingress.port, bytes);
    expect(answer).toMatchObject({ status, json: { code } });
    expectWellFormed(answer);
  });

  it("a hundred headers are read, one more is refused", async () => {
    // `send` writes five of its own.
    const headers = (count: number) => Array.from({ length: count - 5 }, (_, i) => `X-${i}: 1`);
    const get = { method: "GET", path: "/v1/workers" };
    expect((await send({ ...get, headers: headers(100) })).status).toBe(200);
    expect(await send({ ...get, headers: headers(101) })).toMatchObject({
      status: 431,
      json: { code: "headers_too_large" },
    });
  });
});
