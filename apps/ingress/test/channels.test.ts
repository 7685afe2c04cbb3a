import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChannelList, ChannelView, Prompt } from "@pilotlight/contracts";
import type { EmbeddedRedis } from "@pilotlight/redis";
import { startTestServer } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningIngress, startIngress } from "./support/start-ingress.ts";

const root = mkdtempSync(join(tmpdir(), "pilotlight-roots-"));
mkdirSync(join(root, "repo"));
writeFileSync(join(root, "file"), "");
symlinkSync("/etc", join(root, "out"));

let redis: EmbeddedRedis;
let ingress: RunningIngress;
beforeAll(async () => {
  redis = await startTestServer();
  ingress = await startIngress(redis.url, {
    acp: { cwd_roots: [root] },
    mcp_servers: { docs: { url: "http://127.0.0.1:9/mcp" } },
  });
});
afterAll(async () => {
  await ingress.service.stop();
  await redis.stop();
});

const call = (method: string, path: string, body?: object) =>
  ingress.fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
const put = (channel: string, body: object) => call("PUT", `/v1/channels/${channel}`, body);
const show = async (channel: string) =>
  (await (await call("GET", `/v1/channels/${channel}`)).json()) as ChannelView;

describe("a channel's settings", () => {
  it("are kept as they were set, and all replaced by the next ones", async () => {
    const settings = {
      title: "Operations – night shift",
      priority: 7,
      agents: ["claude", "demo"],
      cwd: join(root, "repo"),
      systemPrompt: "You are careful.",
      agentMode: "plan",
      agentConfig: { model: "large", verbose: true },
      mcpServers: ["docs"],
      permissions: {
        policy: "approve-reads",
        allow: [{ kind: "edit", path: "src/**" }],
        deny: [{ path: "**/.env" }],
        askSecs: 60,
        grantSecs: 3600,
      },
      mode: "collect",
      steerFallback: "interrupt",
      collectSecs: 0.5,
      collectMost: 10,
      keepAliveSecs: 60,
      onInterrupted: "ask",
      onLimit: "park",
    };
    const response = await put("ops", settings);
    expect(response.status).toBe(200);
    expect((await show("ops")).settings).toEqual(settings);
    await put("ops", { priority: 1 });
    expect((await show("ops")).settings).toEqual({ priority: 1 });
    await put("ops", {});
    expect((await show("ops")).settings).toEqual({});
  });

  it.each([
    [{ agents: ["nobody"] }, 422, "unknown_agent", "/agents/0"],
    [{ agents: ["sh -c true"] }, 422, "unknown_agent", "/agents/0"],
    [{ agents: [] }, 422, "invalid_value", "/agents"],
    [{ agents: ["demo", "demo"] }, 422, "invalid_value", "/agents"],
    [{ cwd: "repo" }, 422, "cwd_not_allowed", "/cwd"],
    [{ cwd: "/etc" }, 422, "cwd_not_allowed", "/cwd"],
    [{ cwd: join(root, "out") }, 422, "cwd_not_allowed", "/cwd"],
    [{ cwd: join(root, "..") }, 422, "cwd_not_allowed", "/cwd"],
    [{ cwd: join(root, "file") }, 422, "cwd_not_allowed", "/cwd"],
    [{ cwd: join(root, "missing") }, 422, "cwd_not_allowed", "/cwd"],
    [{ mcpServers: [{ name: "x", command: "sh" }] }, 403, "mcp_not_allowed", "/mcpServers/0"],
    [{ mcpServers: ["unknown"] }, 422, "invalid_value", "/mcpServers/0"],
    [{ env: { A: "b" } }, 422, "unknown_field", "/env"],
    [{ priority: 10 }, 422, "invalid_value", "/priority"],
    [{ keepAliveSecs: 0 }, 422, "invalid_value", "/keepAliveSecs"],
    [{ mode: "shout" }, 422, "invalid_value", "/mode"],
    [{ steerFallback: "collect" }, 422, "invalid_value", "/steerFallback"],
    [{ collectSecs: 0 }, 422, "invalid_value", "/collectSecs"],
    [{ collectMost: 1 }, 422, "invalid_value", "/collectMost"],
    [{ title: "a\u202eb" }, 422, "invalid_value", "/title"],
    [{ permissions: "yes" }, 422, "invalid_value", "/permissions"],
    [{ permissions: 7 }, 422, "invalid_value", "/permissions"],
    [{ permissions: { policy: "yes" } }, 422, "invalid_value", "/permissions/policy"],
    [{ permissions: { policies: [] } }, 422, "unknown_field", "/permissions/policies"],
    [{ permissions: { allow: [{}] } }, 422, "invalid_value", "/permissions/allow/0"],
    [{ permissions: { deny: [{ kind: "x" }] } }, 422, "invalid_value", "/permissions/deny/0/kind"],
    [
      { permissions: { deny: [{ path: "/etc/*" }] } },
      422,
      "invalid_value",
      "/permissions/deny/0/path",
    ],
    [
      { permissions: { allow: Array(51).fill({ kind: "read" }) } },
      422,
      "invalid_value",
      "/permissions/allow",
    ],
    [{ permissions: { askSecs: 0 } }, 422, "invalid_value", "/permissions/askSecs"],
  ])("%j are refused, and nothing is changed", async (settings, status, code, pointer) => {
    await put("kept", { title: "kept" });
    const response = await put("kept", settings);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, errors: [{ pointer }] });
    expect((await show("kept")).settings).toEqual({ title: "kept" });
  });
});

describe("the list of channels", () => {
  it("begins with the last used, and each is on one page", async () => {
    const own = await startTestServer();
    const alone = await startIngress(own.url);
    try {
      const used = Array.from({ length: 23 }, (_, index) => `c${index}`);
      for (const channel of used) {
        await alone.post(`/v1/channels/${channel}/prompts`, { prompt: "x" });
      }
      await alone.post("/v1/channels/c5/prompts", { prompt: "again" });
      const seen: string[] = [];
      let query = "";
      do {
        const response = await alone.fetch(`/v1/channels?limit=10${query}`);
        const page = (await response.json()) as ChannelList;
        seen.push(...page.items.map(({ channel }) => channel));
        query =
          page.nextCursor === undefined ? "" : `&cursor=${encodeURIComponent(page.nextCursor)}`;
      } while (query !== "");
      expect(seen[0]).toBe("c5");
      expect(seen.toSorted()).toEqual(used.toSorted());
    } finally {
      await alone.service.stop();
      await own.stop();
    }
  });

  it.each(["limit=0", "limit=201", "limit=x", "cursor=nonsense", "page=2"])(
    "refuses ?%s",
    async (query) => {
      expect((await ingress.fetch(`/v1/channels?${query}`)).status).toBe(422);
    },
  );
});

describe("forgetting a channel", () => {
  it("leaves nothing of its settings, and the channel can be used again", async () => {
    await put("old", { title: "old" });
    expect((await call("DELETE", "/v1/channels/old")).status).toBe(204);
    expect(await show("old")).toEqual({ channel: "old", settings: {}, sessions: [] });
    expect((await call("DELETE", "/v1/channels/old")).status).toBe(204);
    const { items } = (await (await ingress.fetch("/v1/channels")).json()) as ChannelList;
    expect(items.map(({ channel }) => channel)).not.toContain("old");
    expect((await ingress.post("/v1/channels/old/prompts", { prompt: "x" })).status).toBe(202);
  });

  it("is refused while it has prompts that are not finished", async () => {
    await ingress.post("/v1/channels/busy/prompts", { prompt: "x" });
    const response = await call("DELETE", "/v1/channels/busy");
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "channel_busy" });
  });

  it("is refused while a prompt of it waits for its time, and not once that is cancelled", async () => {
    const posted = await ingress.post("/v1/channels/later/prompts", {
      prompt: "x",
      notBefore: 3600,
    });
    const { id } = (await posted.json()) as { id: string };
    const refused = await call("DELETE", "/v1/channels/later");
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: "channel_busy" });
    expect((await call("POST", `/v1/prompts/${id}/cancel`)).status).toBe(200);
    expect((await call("DELETE", "/v1/channels/later")).status).toBe(204);
  });
});

describe("a prompt that nobody has begun", () => {
  it("says what it waits for, and since when", async () => {
    const response = await ingress.post("/v1/channels/waits/prompts", { prompt: "x" });
    const { id } = (await response.json()) as { id: string };
    const prompt = (await (await ingress.fetch(`/v1/prompts/${id}`)).json()) as Prompt;
    expect(prompt).toMatchObject({ state: "accepted", waitingFor: "room" });
    expect(Math.abs((prompt.waitingSince ?? 0) - prompt.acceptedAt)).toBeLessThan(1000);
  });

  it("is cancelled at once, and once more as it was; what is finished is not cancelled", async () => {
    const response = await ingress.post("/v1/channels/unwanted/prompts", { prompt: "x" });
    const { id } = (await response.json()) as { id: string };
    for (let time = 0; time < 2; time += 1) {
      const cancelled = await call("POST", `/v1/prompts/${id}/cancel`);
      expect(cancelled.status).toBe(200);
      expect(await cancelled.json()).toMatchObject({ state: "cancelled", stopReason: "cancelled" });
    }
    const unknown = await call("POST", "/v1/prompts/p_00000000000000000000000000/cancel");
    expect(unknown.status).toBe(404);
  });
});
