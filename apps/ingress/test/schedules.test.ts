import type { OccurrenceList, Prompt, ScheduleList, ScheduleView } from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

let redis: EmbeddedRedis;
let ingress: RunningIngress;
beforeAll(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url);
});
afterAll(async () => {
  await ingress.service.stop();
  await redis.stop();
});

const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  ingress.fetch(`/v1/schedules${path}`, {
    method,
    ...(body === undefined
      ? { headers }
      : {
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body),
        }),
  });
const put = (id: string, body: object, headers?: Record<string, string>) =>
  call("PUT", `/${id}`, { channel: "ops", prompt: "look", ...body }, headers);
const view = async (response: Response) => (await response.json()) as ScheduleView;

describe("a schedule", () => {
  it("is set, shown with its next due times, and set again without a change", async () => {
    const response = await put("nightly", { cron: "0 3 * * *", tz: "Europe/Berlin" });
    expect(response.status).toBe(201);
    const created = await view(response);
    expect(created).toMatchObject({ id: "nightly", state: "active", runs: 0, failures: 0 });
    expect(created.definition).toMatchObject({
      misfire: "once",
      overlap: "skip",
      permissions: "deny-all",
    });
    expect(created.next).toHaveLength(5);
    expect(created.next[0]).toBe(created.nextAt);
    expect(response.headers.get("etag")).toBe(created.etag);
    const again = await put("nightly", { cron: "0 3 * * *", tz: "Europe/Berlin" });
    expect(again.status).toBe(200);
    expect(await view(again)).toEqual(created);
    expect(await view(await call("GET", "/nightly"))).toEqual(created);
  });

  it("is replaced only where the caller has seen its last version", async () => {
    const { etag } = await view(await put("shared", { everySecs: 60 }));
    expect((await put("shared", { everySecs: 90 }, { "if-match": etag })).status).toBe(200);
    const late = await put("shared", { everySecs: 120 }, { "if-match": etag });
    expect(late.status).toBe(412);
    expect(await late.json()).toMatchObject({ code: "precondition_failed" });
    expect((await put("shared", { everySecs: 1 }, { "if-none-match": "*" })).status).toBe(412);
    expect((await call("DELETE", "/shared", undefined, { "if-match": etag })).status).toBe(412);
    expect((await call("DELETE", "/shared")).status).toBe(204);
    expect((await call("GET", "/shared")).status).toBe(404);
  });

  it("rests and goes on; run fires at once, and the ledger says so", async () => {
    await put("manual", { cron: "0 0 1 1 *" });
    expect(await view(await call("POST", "/manual/pause"))).toMatchObject({ state: "paused" });
    expect(await view(await call("POST", "/manual/resume"))).toMatchObject({ state: "active" });
    const run = await call("POST", "/manual/run");
    expect(run.status).toBe(202);
    const { items } = (await (await call("GET", "/manual/occurrences")).json()) as OccurrenceList;
    expect(items).toEqual([await run.json()]);
    const prompt = await ingress.fetch(`/v1/prompts/${items[0]?.promptId}`);
    expect(await prompt.json()).toMatchObject({ surface: "schedule", schedule: { id: "manual" } });
  });

  it.each([
    [{ cron: "61 * * * *" }, "/cron"],
    [{ cron: "0 0 30 2 *" }, "/cron"],
    [{ cron: "0 9 * * *", tz: "Mars/Base" }, "/tz"],
    [{ everySecs: 0 }, "/everySecs"],
    [{ everySecs: 0.5 }, "/everySecs"],
    [{ everySecs: "60" }, "/everySecs"],
    [{ at: "2020-01-01T00:00:00Z" }, "/at"],
    [{ at: "tomorrow" }, "/at"],
    [{ everySecs: 60, endAt: "2020-01-01T00:00:00Z" }, "/endAt"],
    [{ cron: "0 0 1 1 *", endAt: new Date(Date.now() + 1000).toISOString() }, "/endAt"],
    [{}, "/cron"],
    [{ cron: "@daily", everySecs: 60 }, "/everySecs"],
    [{ everySecs: 60, tz: "UTC" }, "/tz"],
    [{ everySecs: 60, jitterSecs: 60 }, "/jitterSecs"],
    [{ everySecs: 60, quietHours: { from: "25:00", to: "07:00" } }, "/quietHours/from"],
    [{ everySecs: 60, quietHours: { from: "22:00", to: "07:00", tz: "X/Y" } }, "/quietHours/tz"],
    [{ everySecs: 60, channel: "no channel" }, "/channel"],
    [{ everySecs: 60, prompt: " " }, "/prompt"],
    [{ everySecs: 60, command: ["rm"] }, "/command"],
    [{ everySecs: 60, precheck: "unknown" }, "/precheck"],
    [{ everySecs: 60, precheck: { command: ["rm"] } }, "/precheck"],
    [{ everySecs: 60, onInterrupted: "rerun" }, "/onInterrupted"],
  ])("%j is refused, and the field named", async (body, pointer) => {
    const response = await put("refused", body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] });
    expect((await call("GET", "/refused")).status).toBe(404);
  });

  it.each([
    ["GET", "/unknown"],
    ["DELETE", "/unknown"],
    ["POST", "/unknown/run"],
    ["POST", "/unknown/pause"],
    ["GET", "/unknown/occurrences"],
  ])("%s %s is 404 where there is none", async (method, path) => {
    const response = await call(method, path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "schedule_not_found" });
  });

  it("is refused with a name that could mean something else elsewhere", async () => {
    expect((await put("a:b", { everySecs: 60 })).status).toBe(422);
    expect((await put("a%20b", { everySecs: 60 })).status).toBe(422);
  });
});

it("all of them are listed once, page by page, in the order of their ids", async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `list-${String(index).padStart(2, "0")}`);
  await Promise.all(ids.map((id) => put(id, { cron: "@yearly" })));
  const seen: string[] = [];
  let query = "?limit=5";
  for (;;) {
    const page = (await (await call("GET", query)).json()) as ScheduleList;
    seen.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === undefined) {
      break;
    }
    query = `?limit=5&cursor=${page.nextCursor}`;
  }
  expect(seen).toEqual(seen.toSorted());
  expect(seen.filter((id) => id.startsWith("list-"))).toEqual(ids);
});

describe("a prompt that is not to be run before a time", () => {
  const post = (notBefore: unknown) =>
    ingress.post("/v1/channels/later/prompts", { prompt: "x", notBefore });

  it.each([
    ["a time", () => new Date(Date.now() + 3_600_000).toISOString()],
    ["seconds from now", () => 3600],
  ])("is accepted with %s, and waits", async (_, notBefore) => {
    const response = await post(notBefore());
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    const prompt = (await (await ingress.fetch(`/v1/prompts/${id}`)).json()) as Prompt;
    expect(prompt).toMatchObject({ state: "accepted", waitingFor: "time" });
    expect(Math.abs((prompt.notBefore ?? 0) - Date.now() - 3_600_000)).toBeLessThan(10_000);
    expect((await ingress.fetch(`/v1/prompts/${id}/cancel`, { method: "POST" })).status).toBe(200);
  });

  it.each(["tomorrow", -1, true, "2031-05-01"])("%j is refused", async (notBefore) => {
    const response = await post(notBefore);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ pointer: "/notBefore" }] });
  });
});
