import { newApiKey } from "@pilotlight/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { startTestBoard, type TestBoard } from "./support/start-test-board.ts";

let board: TestBoard;
/** The ingress tells who asks; each test asks from an address of its own. */
let address = 0;

beforeAll(async () => {
  board = await startTestBoard(inject("redisUrl"));
});
afterAll(async () => {
  await board?.stop();
});
beforeEach(() => {
  address += 1;
});

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("x-forwarded-for", `192.0.2.${address}`);
  return await fetch(board.origin + path, { redirect: "manual", ...init, headers });
}

async function signIn(fields: Record<string, string>, headers = {}): Promise<Response> {
  return await ask("/board/sign-in", {
    method: "POST",
    body: new URLSearchParams(fields),
    headers,
  });
}

function cookieOf(answer: Response): string {
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

describe("without a visit", () => {
  test("a page becomes the sign-in page, which returns to where one wanted to go", async () => {
    const answer = await ask("/board/queue/sessions?status=active", { headers: html });
    expect(answer.status).toBe(401);
    const page = await answer.text();
    expect(page).toContain('<form method="post" action="/board/sign-in">');
    expect(page).toContain('name="next" value="/board/queue/sessions?status=active"');
    expect(page).not.toMatch(/<script|\son\w+=|javascript:/i);
  });

  test.each(["/board/api/queues", "/board/static/js/main.js", "/board/api/redis/stats"])(
    "%s is answered with a problem",
    async (path) => {
      const answer = await ask(path, { headers: html });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect(await answer.json()).toMatchObject({ status: 401, code: "unauthenticated" });
    },
  );

  test("a made-up cookie opens nothing", async () => {
    const headers = { cookie: "pilotlight_board=abc" };
    expect((await ask("/board/api/queues", { headers })).status).toBe(401);
  });
});

describe("signing in", () => {
  test("with the key gives a cookie that is not the key and that opens the board", async () => {
    const answer = await signIn({ key: ` ${board.apiKey}\n`, next: "/board/queue/prompts" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/board/queue/prompts");
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^pilotlight_board=[\w-]{43}; Max-Age=43200; Path=\/board; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    expect(cookie).not.toContain(board.apiKey);
    const headers = { cookie: `other=1; ${cookieOf(answer)}` };
    expect((await ask("/board/api/queues", { headers })).status).toBe(200);
    const page = await ask("/board/queue/prompts", { headers: { ...html, ...headers } });
    expect(await page.text()).toContain('<div id="root">');
  });

  test("over TLS gives a cookie for TLS only", async () => {
    const answer = await signIn({ key: board.apiKey }, { "x-forwarded-proto": "https" });
    expect(answer.headers.get("set-cookie")).toMatch(/; Secure/);
  });

  test.each(["//evil.example/", "https://evil.example/", "/v1/prompts"])(
    "never leads on to %s",
    async (next) => {
      const answer = await signIn({ key: board.apiKey, next });
      expect(answer.headers.get("location")).toBe("/board");
    },
  );

  test("with another key says so and gives no cookie", async () => {
    const answer = await signIn({ key: newApiKey() });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(await answer.text()).toContain("That is not the key.");
  });

  test("is refused to a form of another site", async () => {
    const answer = await signIn({ key: board.apiKey }, { "sec-fetch-site": "cross-site" });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: "origin_not_allowed" });
  });

  test("is over once signed out", async () => {
    const cookie = cookieOf(await signIn({ key: board.apiKey }));
    const out = await ask("/board/sign-out", { method: "POST", headers: { cookie } });
    expect(out.headers.get("set-cookie")).toMatch(
      /^pilotlight_board=; Path=\/board; Expires=Thu, 01 Jan 1970/,
    );
    expect((await ask("/board/api/queues", { headers: { cookie } })).status).toBe(401);
  });

  test("after 20 wrong keys even the right one has to wait, by form or by header, from that address", async () => {
    for (let i = 0; i < 10; i += 1) {
      expect((await signIn({ key: "guess" })).status).toBe(401);
      const headers = { authorization: "Bearer guess" };
      expect((await ask("/board/api/queues", { headers })).status).toBe(401);
    }
    const late = await signIn({ key: board.apiKey });
    expect(late.status).toBe(429);
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    const headers = { authorization: `Bearer ${board.apiKey}` };
    const api = await ask("/board/api/queues", { headers });
    expect(api.status).toBe(429);
    expect(await api.json()).toMatchObject({ code: "rate_limited" });
    address += 1;
    expect((await signIn({ key: board.apiKey })).status).toBe(303);
  });
});

describe("signed in", () => {
  const bearer = () => ({ authorization: `Bearer ${board.apiKey}` });

  test.each([
    ["PUT", "/board/api/queues/pause"],
    ["PUT", "/board/api/queues/prompts/retry/failed"],
    ["PUT", "/board/api/queues/prompts/p_1/retry/failed"],
    ["POST", "/board/api/queues/prompts/add"],
    ["PUT", "/board/api/queues/prompts/obliterate"],
    ["PUT", "/board/api/queues/prompts/p_1/clean"],
    ["DELETE", "/board/api/queues/prompts"],
    ["PATCH", "/board/api/queues/prompts/p_1/update-data"],
  ])("%s %s is refused: the board only reads", async (method, path) => {
    const answer = await ask(path, { method, headers: bearer() });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
    expect(await answer.json()).toMatchObject({ code: "method_not_allowed" });
  });

  test("pages let only our own scripts run, cannot be framed, and load nothing from elsewhere", async () => {
    const answer = await ask("/board", { headers: { ...html, ...bearer() } });
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("same-origin");
    expect(answer.headers.get("x-powered-by")).toBeNull();
    expect(await answer.text()).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  test("details of Redis stay hidden", async () => {
    const answer = await ask("/board/api/redis/stats", { headers: bearer() });
    expect(answer.status).toBe(403);
  });

  test.each([
    ["/board/api/nothing", 404],
    ["/board/api/queues/%E0%A4%A/p_1", 400],
    ["/board/api/queues?activeQueue=%25E0%25A4%25A", 400],
    ["/elsewhere", 404],
  ])("%s is answered in JSON with %d", async (path, status) => {
    const answer = await ask(path, { headers: bearer() });
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(JSON.parse(text)).toBeTypeOf("object");
    expect(text).not.toMatch(/node_modules|at \w+ \(|URIError/);
  });
});
