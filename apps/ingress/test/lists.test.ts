import type { Prompt } from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ActingWorker, actAsWorker } from "./support/act-as-worker.ts";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
let worker: ActingWorker;
beforeAll(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url);
  worker = await actAsWorker(redis.url);
});
afterAll(async () => {
  await worker.stop();
  await ingress.service.stop();
  await redis.stop();
});

interface List {
  readonly items: readonly Prompt[];
  readonly nextCursor?: string;
}

const get = async (path: string) => (await (await ingress.fetch(path)).json()) as List;

async function fill(channel: string, prompts: readonly string[]): Promise<void> {
  for (const prompt of prompts) {
    await ingress.post(`/v1/channels/${channel}/prompts`, { prompt });
  }
  // First in, first out: with the last one all are over.
  await waitUntil("all are over", async () => {
    const { items } = await get(`/v1/prompts?channel=${channel}&limit=1`);
    return items[0]?.prompt === prompts.at(-1) && items[0]?.state === "completed";
  });
}

it("pages through a channel's prompts, newest first, each once", async () => {
  const numbers = Array.from({ length: 45 }, (_, i) => String(i));
  await fill("paged", numbers);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? "" : `&cursor=${cursor}`;
    const page: List = await get(`/v1/prompts?channel=paged&limit=20${more}`);
    expect(page.items.length).toBeLessThanOrEqual(20);
    seen.push(...page.items.map((item) => item.prompt));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(numbers.toReversed());
});

it("keeps a page of large prompts small, and loses none", async () => {
  const large = Array.from({ length: 30 }, (_, i) => `${i}${"x".repeat(250_000)}`);
  await fill("large", large);
  const first = await get("/v1/prompts?channel=large&limit=200");
  expect(first.items.length).toBeLessThan(30);
  const second = await get(`/v1/prompts?channel=large&limit=200&cursor=${first.nextCursor}`);
  expect([...first.items, ...second.items].map((item) => item.prompt)).toEqual(large.toReversed());
});

it("finds prompts by state", async () => {
  expect((await get("/v1/prompts?state=failed")).items).toEqual([]);
  const { items } = await get("/v1/prompts?state=completed&limit=3");
  expect(items).toHaveLength(3);
});

it("lists the live workers and sessions, or one channel's session", async () => {
  await fill("here", ["x"]);
  const workers = (await (await ingress.fetch("/v1/workers")).json()) as { items: object[] };
  expect(workers.items).toMatchObject([{ id: "acting", host: "test", state: "running" }]);
  const sessions = (await (await ingress.fetch("/v1/sessions?channel=here")).json()) as {
    items: object[];
  };
  expect(sessions.items).toMatchObject([{ channel: "here", state: "warm", worker: "acting" }]);
  const none = await (await ingress.fetch("/v1/sessions?channel=nowhere")).json();
  expect(none).toEqual({ items: [] });
  const all = (await (await ingress.fetch("/v1/sessions")).json()) as { items: object[] };
  expect(all.items).toContainEqual(expect.objectContaining({ channel: "here" }));
});

it("notes the wish to warm or cool a channel", async () => {
  for (const wish of ["warm", "cool"]) {
    for (const body of [undefined, {}]) {
      const response = await ingress.fetch(`/v1/channels/wished/${wish}`, {
        method: "POST",
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      expect(response.status).toBe(202);
      expect(await response.json()).toEqual({ channel: "wished", requested: wish });
    }
  }
});

it("describes every route that it serves, with the schemas it checks", async () => {
  const document = (await (await ingress.fetch("/openapi.json")).json()) as {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
    components: { schemas: Record<string, { additionalProperties?: boolean }> };
  };
  expect(document.openapi).toMatch(/^3\.1/);
  expect(document.components.schemas.EnqueueRequest?.additionalProperties).toBe(false);
  for (const [path, methods] of Object.entries(document.paths)) {
    const url = path.replace("{channel}", "doc").replace("{id}", "p_00000000000000000000000000");
    for (const method of Object.keys(methods)) {
      const abort = new AbortController();
      const response = await ingress.fetch(url, {
        method: method.toUpperCase(),
        signal: abort.signal,
      });
      expect({ path, method, status: response.status }).not.toMatchObject({ status: 405 });
      const text = response.headers.get("content-type")?.includes("json")
        ? await response.text()
        : "";
      expect(text).not.toContain("route_not_found");
      abort.abort();
    }
  }
});
