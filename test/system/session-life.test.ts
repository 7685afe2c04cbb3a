import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChannelView, WorkerView } from "@pilotlight/contracts";
import { connectRedis } from "@pilotlight/redis";
import { isAlive, startTestServer, waitUntil } from "@pilotlight/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let system: TestSystem;
afterEach(() => system.stop());

const DEMO = [
  process.execPath,
  new URL("../../packages/demo-agent/src/main.ts", import.meta.url).pathname,
];
const QUICK = 'set = { DEMO_CHUNK_MS = "0" }';

const json = async <T>(path: string) => (await (await system.fetch(path)).json()) as T;
const channel = (name: string) => json<ChannelView>(`/v1/channels/${name}`);
const call = (method: string, path: string, body?: object) =>
  system.fetch(path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const put = (name: string, settings: object) => call("PUT", `/v1/channels/${name}`, settings);
const workers = async () => (await json<{ items: WorkerView[] }>("/v1/workers")).items;

/** Live processes of this system's agents, each with the mark of its tree. */
function agentProcesses(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const environ = readFileSync(`/proc/${name}/environ`, "latin1");
      const mark = /PILOTLIGHT_TREE=([^\0]+)/.exec(environ)?.[1];
      if (mark !== undefined && environ.includes(system.dataDir) && isAlive(Number(name))) {
        found.set(Number(name), mark);
      }
    } catch {
      // Gone meanwhile.
    }
  }
  return found;
}

const agentPids = () => [...agentProcesses().keys()];
const agentTrees = () => new Set(agentProcesses().values()).size;

describe("a conversation", () => {
  it("goes on after everything was stopped and started again", async () => {
    const dataDir = join(mkdtempSync(join(tmpdir(), "pilotlight-kept-")), "data");
    const config = `[agents.demo]\n${QUICK}`;
    system = await openSystem({ config, dataDir });
    await system.ask("ops", "my number is 42");
    const before = await channel("ops");
    await system.stop();
    system = await openSystem({ config, dataDir });
    const prompt = await system.ask("ops", "[[recall]]");
    expect(prompt).toMatchObject({ state: "completed", session: { opened: "resumed" } });
    expect(prompt.text).toContain("my number is 42");
    expect(before.sessions).toHaveLength(1);
    expect((await channel("ops")).sessions).toEqual([
      { id: before.sessions[0]?.id, agent: "demo" },
    ]);
  }, 60_000);

  it("is told to a new session where the agent's store is gone", async () => {
    system = await openSystem({ config: `[agents.demo]\n${QUICK}` });
    await system.ask("ops", "my number is 42");
    await call("POST", "/v1/channels/ops/cool");
    await waitUntil("it is cold", async () => (await system.sessions()).length === 0);
    expect((await channel("ops")).sessions).toMatchObject([{ end: "closed" }]);
    const [place = ""] = readdirSync(join(system.dataDir, "channels"));
    rmSync(join(system.dataDir, "channels", place, "config", "demo", "sessions"), {
      recursive: true,
    });
    const prompt = await system.ask("ops", "[[recall]]");
    expect(prompt).toMatchObject({ state: "completed", session: { opened: "recap" } });
    expect(prompt.text).toContain("my number is 42");
    // The lost one is remembered as such, and not tried again.
    expect((await channel("ops")).sessions).toMatchObject([{}, { end: "unknown" }]);
  }, 60_000);

  it("begins anew after a reset", async () => {
    system = await openSystem({ config: `[agents.demo]\n${QUICK}` });
    await system.ask("ops", "my number is 42");
    expect((await call("POST", "/v1/channels/ops/reset")).status).toBe(202);
    await waitUntil("it is reset", async () => (await channel("ops")).sessions.length === 0);
    const prompt = await system.ask("ops", "[[recall]]");
    expect(prompt).toMatchObject({
      text: "I remember nothing yet.",
      session: { opened: "fresh" },
    });
  }, 60_000);
});

describe("a session", () => {
  it("is not closed while its turn lasts longer than its keep-alive, and soon afterwards", async () => {
    system = await openSystem({ config: `[acp]\nkeep_alive_secs = 2` });
    const id = await system.send("ops", { prompt: "[[chunk-ms 200]] [[words 30]] [[child 60]]" });
    const prompt = await system.finished(id);
    expect(prompt).toMatchObject({ state: "completed" });
    expect(prompt.attempts).toHaveLength(1);
    expect(prompt.timings.totalMs).toBeGreaterThan(4000);
    const [session] = await system.sessions();
    await waitUntil("the session is gone", async () => (await system.sessions()).length === 0);
    expect(isAlive(session?.pid ?? 0)).toBe(false);
    expect(agentTrees()).toBe(0);
  }, 60_000);

  it("is set as its channel says, also when the settings change while it is warm", async () => {
    system = await openSystem({ config: `[agents.demo]\n${QUICK}` });
    await put("ops", {
      systemPrompt: "Be brief.",
      agentMode: "plan",
      agentConfig: { model: "large", verbose: true },
    });
    const first = await system.ask("ops", "[[settings]]");
    expect(first.text).toBe(
      'mode plan, options {"model":"large","verbose":true}, system prompt: Be brief.',
    );
    await put("ops", { systemPrompt: "Be brief.", agentConfig: { model: "small" } });
    const second = await system.ask("ops", "[[settings]]");
    expect(second).toMatchObject({ session: { id: first.session?.id, opened: "warm" } });
    expect(second.text).toContain('"model":"small"');
  }, 60_000);

  it("that its agent cannot be set to fails the prompt with what is wrong", async () => {
    system = await openSystem({ config: `[agents.demo]\n${QUICK}` });
    await put("ops", { agentMode: "reckless" });
    const prompt = await system.ask("ops", "hello");
    expect(prompt).toMatchObject({ state: "failed", error: { code: "agent_settings_refused" } });
    expect(prompt.error?.message).toContain('the mode "reckless"');
    await put("ops", {});
    expect(await system.ask("ops", "hello")).toMatchObject({ state: "completed" });
  }, 60_000);

  it("is shown with its channel's agent while it opens", async () => {
    system = await openSystem({
      config: `[agents.other]\ncommand = ${JSON.stringify(DEMO)}\nset = { DEMO_START_MS = "1500" }`,
    });
    await put("ops", { agents: ["other"] });
    const id = await system.send("ops", { prompt: "hello" });
    const session = await waitUntil("it opens", async () => (await system.sessions())[0]);
    expect(session).toMatchObject({ state: "warming", agent: "other" });
    await system.finished(id);
  }, 60_000);

  it("that is set differently while it opens is opened as it is set by then", async () => {
    system = await openSystem({
      config: `[agents.demo]\nset = { DEMO_CHUNK_MS = "0", DEMO_START_MS = "1500" }`,
    });
    await put("ops", { agentMode: "reckless" });
    const id = await system.send("ops", { prompt: "hello" });
    await waitUntil("its agent starts", () => agentPids().length > 0);
    await put("ops", {});
    expect(await system.finished(id)).toMatchObject({ state: "completed" });
  }, 60_000);

  it("whose agent somebody stopped is replaced before the next turn", async () => {
    system = await openSystem({ config: `[agents.demo]\n${QUICK}` });
    const first = await system.ask("ops", "my number is 42");
    await waitUntil(
      "it was idle for a while",
      async () => ((await system.sessions())[0]?.idleMs ?? 0) > 2500,
    );
    const [{ pid: root = 0 } = {}] = await system.sessions();
    for (const pid of agentPids()) {
      process.kill(pid, "SIGSTOP");
    }
    const second = await system.ask("ops", "[[recall]]");
    expect(second).toMatchObject({
      state: "completed",
      session: { id: first.session?.id, opened: "resumed" },
    });
    expect(second.attempts).toHaveLength(1);
    expect(isAlive(root)).toBe(false);
  }, 60_000);

  it("that grew beyond what a session may take is opened anew between two turns", async () => {
    system = await openSystem({
      config: `[workers]\nsession_memory = "150MiB"\n[agents.demo]\nset = { DEMO_CHUNK_MS = "0", DEMO_BALLAST_MB = "200" }`,
    });
    const first = await system.ask("ops", "my number is 42");
    await waitUntil("it is closed", async () => (await system.sessions()).length === 0, 30_000);
    expect(await system.ask("ops", "[[recall]]")).toMatchObject({
      state: "completed",
      session: { id: first.session?.id, opened: "resumed" },
    });
  }, 60_000);

  it("is closed where all together take more than the worker's memory budget, the least valuable first", async () => {
    system = await openSystem({
      config: `[workers]\nmemory_budget = "600MiB"\n[agents.demo]\nset = { DEMO_CHUNK_MS = "0", DEMO_BALLAST_MB = "150" }`,
    });
    await put("important", { priority: 5 });
    for (const name of ["important", "a", "b"]) {
      await system.ask(name, "hello");
    }
    await waitUntil("the budget holds", async () => (await system.sessions()).length === 2, 30_000);
    expect((await system.sessions()).map((session) => session.channel)).toContain("important");
    expect(await system.ask("a", "[[recall]]")).toMatchObject({ state: "completed" });
  }, 60_000);

  it("is ready for a new channel, with its workspace, and is used once", async () => {
    system = await openSystem({
      standby: 1,
      config: `[agents.demo]\nset = { DEMO_CHUNK_MS = "0", DEMO_START_MS = "1000" }`,
    });
    await waitUntil("one is ready", async () => (await workers())[0]?.standby?.ready === 1, 20_000);
    await put("one", { permissions: "deny-all" });
    const first = await system.ask("one", "[[permission edit notes.txt]] hello");
    expect(first).toMatchObject({ state: "completed", session: { opened: "standby" } });
    const { workspace = "" } = await channel("one");
    expect(existsSync(join(system.dataDir, "workspaces", workspace, ".standby"))).toBe(false);
    const second = await system.ask("two", "hello");
    expect(second.session?.id).not.toBe(first.session?.id);
    // What was adopted goes on as any other session, in its own place.
    await call("POST", "/v1/channels/one/cool");
    await waitUntil("it is cold", async () =>
      (await system.sessions()).every((s) => s.channel !== "one"),
    );
    expect(await system.ask("one", "[[recall]]")).toMatchObject({
      session: { id: first.session?.id, opened: "resumed" },
    });
  }, 60_000);
});

describe("room", () => {
  it("is made by closing idle sessions, which resume later: 5 places for 40 channels", async () => {
    const server = await startTestServer();
    const redis = connectRedis({ url: server.url, name: "look" });
    system = await openSystem({
      env: { REDIS_URL: server.url },
      config: `[workers]\nmax_sessions = 5\n[agents.demo]\n${QUICK}`,
    });
    const held = async () => {
      const [pid = 0] = await system.workerPids();
      const keys = await redis.keys("*");
      return {
        descriptors: readdirSync(`/proc/${pid}/fd`).length,
        // Records of prompts go with their retention.
        keys: keys.filter((key) => !key.startsWith("{pl}:p:") && !key.includes(":q:")).length,
      };
    };
    const after: { descriptors: number; keys: number }[] = [];
    let most = 0;
    const count = setInterval(() => {
      most = Math.max(most, agentTrees());
    }, 300);
    try {
      for (let round = 0; round < 2; round += 1) {
        for (let index = 0; index < 40; index += 1) {
          const prompt = await system.ask(`c${index}`, `I am ${index} [[recall]]`);
          expect(prompt.state).toBe("completed");
          expect(prompt.session?.opened).toBe(round === 0 ? "fresh" : "resumed");
          if (round === 1) {
            expect(prompt.text).toContain(`user: I am ${index} `);
          }
        }
        after.push(await held());
      }
    } finally {
      clearInterval(count);
    }
    // A lease or a wake more or less is the moment's.
    expect(after[1]?.keys).toBeLessThanOrEqual((after[0]?.keys ?? 0) + 5);
    expect(after[1]?.descriptors).toBeLessThanOrEqual((after[0]?.descriptors ?? 0) + 5);
    expect(most).toBeLessThanOrEqual(5);
    expect(most).toBeGreaterThan(0);
    await waitUntil("no more than five are left", () => agentTrees() <= 5);
    await system.stop();
    redis.disconnect();
    await server.stop();
  }, 240_000);

  /** Its agents take seconds to go. */
  const clinging = (workers: string, set = "") =>
    openSystem({
      config: `[workers]\n${workers}\n[agents.demo]\nset = { DEMO_CHUNK_MS = "0", DEMO_IGNORE_EOF = "1"${set} }`,
    });
  const stateOf = async (name: string) =>
    (await system.sessions()).find((session) => session.channel === name)?.state;

  it("for one channel costs one session, however long that takes to close", async () => {
    system = await clinging("max_sessions = 3");
    for (const name of ["oldest", "older", "newest"]) {
      await system.ask(name, "hello");
    }
    expect((await system.ask("other", "hello")).state).toBe("completed");
    expect(await stateOf("oldest")).toBeUndefined();
    expect([await stateOf("older"), await stateOf("newest")]).toEqual(["warm", "warm"]);
  });

  it("is there while a session closes, where the memory budget has some for both", async () => {
    system = await clinging(
      'max_sessions = 1\nmemory_budget = "500GiB"',
      ', DEMO_START_MS = "1500"',
    );
    const first = await system.send("first", { prompt: "[[slow 15000]]" });
    await waitUntil("its memory was measured", async () =>
      (await system.sessions()).some(({ rssBytes }) => rssBytes !== undefined),
    );
    const second = await system.send("second", { prompt: "hello" });
    // The place is taken by a turn: nothing opens until that is over.
    await waitUntil(
      "the second opens while the first closes",
      async () => {
        const states = [await stateOf("first"), await stateOf("second")];
        return states[0] === "closing" && states[1] === "warming";
      },
      40_000,
    );
    for (const id of [first, second]) {
      expect((await system.finished(id)).state).toBe("completed");
    }
  }, 120_000);
});

describe("an agent", () => {
  it("that breaks is replaced by the next one, with a recap, and preferred again once it is mended", async () => {
    const dir = mkdtempSync(join(tmpdir(), "pilotlight-broken-"));
    const command = join(dir, "agent.sh");
    const works = `#!/bin/sh\nexec ${DEMO.join(" ")}\n`;
    const broken = "#!/bin/sh\necho 'the key has expired' >&2\nexit 9\n";
    writeFileSync(command, works, { mode: 0o755 });
    const agent = (name: string, run: readonly string[]) =>
      `[agents.${name}]\ncommand = ${JSON.stringify(run)}\nconfig_dir_env = "DEMO_AGENT_HOME"\n${QUICK}\n`;
    system = await openSystem({
      config: `[acp]\nagent = "first"\n${agent("first", [command])}${agent("second", DEMO)}`,
    });
    await put("ops", { agents: ["first", "second"] });
    expect(await system.ask("ops", "my number is 42")).toMatchObject({
      session: { agent: "first", opened: "fresh" },
    });
    writeFileSync(command, broken);
    await call("POST", "/v1/channels/ops/cool");
    await waitUntil("it is cold", async () => (await system.sessions()).length === 0);
    const moved = await system.ask("ops", "[[recall]]");
    expect(moved).toMatchObject({ session: { agent: "second", opened: "recap" } });
    expect(moved.text).toContain("my number is 42");
    const health = await json<{ state: string; reason?: string }>("/api/health/first");
    expect(health).toMatchObject({ state: "dead" });
    expect(JSON.stringify(health)).toContain("exited with code 9");
    writeFileSync(command, works);
    await call("POST", "/api/health/first/probe");
    expect(await json("/api/health/first")).toMatchObject({ state: "warm" });
    await call("POST", "/v1/channels/ops/cool");
    await waitUntil("it is cold", async () => (await system.sessions()).length === 0);
    const back = await system.ask("ops", "[[recall]]");
    // Its own session is resumed, and hears what was said to the other one.
    expect(back).toMatchObject({ session: { agent: "first", opened: "recap" } });
    expect(back.text).toContain("1. user: my number is 42");
    expect(back.text).toContain("User: [[recall]]");
    rmSync(dir, { recursive: true });
  }, 90_000);

  it("that exits at once is started three times, then its channel rests and says why", async () => {
    const dir = mkdtempSync(join(tmpdir(), "pilotlight-crash-"));
    const starts = join(dir, "starts");
    const command = ["sh", "-c", `echo start >> ${starts}; echo 'no licence' >&2; exit 4`];
    system = await openSystem({
      config: `[agents.broken]\ncommand = ${JSON.stringify(command)}\n[agents.demo]\n${QUICK}`,
    });
    await put("ops", { agents: ["broken"] });
    for (let time = 0; time < 3; time += 1) {
      expect(await system.ask("ops", "hello")).toMatchObject({
        state: "failed",
        error: { code: "agent_start_failed", stderr: "no licence\n" },
      });
    }
    const held = await system.send("ops", { prompt: "and now?" });
    await waitUntil("it waits", async () => (await system.prompt(held)).waitingFor === "recovery");
    const { blocked } = await channel("ops");
    expect(blocked).toMatchObject({ reason: "degraded" });
    expect(blocked?.detail).toContain("no licence");
    expect(blocked?.until).toBeGreaterThan(Date.now());
    expect(await system.ask("other", "hello")).toMatchObject({ state: "completed" });
    const probes = (await json<{ workers: { failed: number }[] }>("/api/health/broken")).workers;
    expect(probes.length).toBeGreaterThan(0);
    expect((await system.prompt(held)).state).toBe("accepted");
    // The probe of the agent starts it too; the channel did three times.
    const started = readFileSync(starts, "utf8").trim().split("\n").length;
    await put("ops", { agents: ["demo"] });
    await call("POST", "/v1/channels/ops/reset");
    expect(await system.finished(held)).toMatchObject({ state: "completed" });
    expect(started).toBeLessThanOrEqual(5);
    rmSync(dir, { recursive: true });
  }, 60_000);

  it("that has hit its usage limit hands its turn to the next one, with a recap", async () => {
    const dir = mkdtempSync(join(tmpdir(), "pilotlight-limit-"));
    const command = join(dir, "agent.sh");
    const agent = (name: string, run: readonly string[]) =>
      `[agents.${name}]\ncommand = ${JSON.stringify(run)}\nconfig_dir_env = "DEMO_AGENT_HOME"\n${QUICK}\n`;
    writeFileSync(command, `#!/bin/sh\nexec ${DEMO.join(" ")}\n`, { mode: 0o755 });
    system = await openSystem({ config: `${agent("first", [command])}${agent("spare", DEMO)}` });
    await put("ops", { agents: ["first", "spare"] });
    await system.ask("ops", "my number is 42");
    const limit = "DEMO_USAGE_LIMIT='usage limit reached, try again in 2 hours'";
    writeFileSync(command, `#!/bin/sh\nexec env ${limit} ${DEMO.join(" ")}\n`);
    await call("POST", "/v1/channels/ops/cool");
    await waitUntil("it is cold", async () => (await system.sessions()).length === 0);
    const prompt = await system.ask("ops", "[[recall]]");
    expect(prompt).toMatchObject({
      state: "completed",
      session: { agent: "spare", opened: "recap" },
      attempts: [{ outcome: "limited", opened: "resumed" }, { outcome: "completed" }],
    });
    expect(prompt.text).toContain("my number is 42");
    expect(await json<object>("/api/health/first")).toMatchObject({ state: "limited" });
    rmSync(dir, { recursive: true });
  }, 60_000);

  it("whose usage limit is reset takes up the turn that waited for it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "pilotlight-limit-"));
    const command = join(dir, "agent.sh");
    const limit = "DEMO_USAGE_LIMIT='usage limit reached, try again in 5 seconds'";
    writeFileSync(command, `#!/bin/sh\nexec env ${limit} ${DEMO.join(" ")}\n`, { mode: 0o755 });
    system = await openSystem({
      config: `[acp]\nagent = "mine"\n[agents.mine]\ncommand = ${JSON.stringify([command])}\nconfig_dir_env = "DEMO_AGENT_HOME"\n${QUICK}\n`,
    });
    const id = await system.send("ops", { prompt: "hello" });
    await waitUntil("it waits", async () => (await system.prompt(id)).state === "waiting");
    writeFileSync(command, `#!/bin/sh\nexec ${DEMO.join(" ")}\n`);
    await call("POST", "/v1/channels/ops/cool");
    expect(await system.finished(id)).toMatchObject({
      state: "completed",
      attempts: [{ outcome: "limited" }, { outcome: "completed" }],
    });
    rmSync(dir, { recursive: true });
  }, 60_000);

  it("that has hit its usage limit parks its channel until it is reset", async () => {
    system = await openSystem({ config: `[agents.demo]\n${QUICK}` });
    const id = await system.send("ops", {
      prompt: "[[error -32603 usage limit reached, try again in 1 hour]]",
    });
    await waitUntil("it waits", async () => (await system.prompt(id)).state === "waiting");
    expect(await system.prompt(id)).toMatchObject({
      waitingFor: "quota",
      waitingReason: expect.stringContaining("usage limit reached"),
    });
    const next = await system.send("ops", { prompt: "and now?" });
    const { blocked } = await channel("ops");
    expect(blocked).toMatchObject({ reason: "quota", promptId: id });
    expect((blocked?.until ?? 0) - Date.now()).toBeGreaterThan(3_000_000);
    expect(await json<object>("/api/health/demo")).toMatchObject({ state: "limited" });
    expect((await call("POST", `/v1/prompts/${id}/cancel`)).status).toBe(200);
    expect(await system.finished(id)).toMatchObject({ state: "cancelled" });
    // The session is open: what is asked next is tried.
    expect(await system.finished(next)).toMatchObject({ state: "completed" });
  }, 60_000);
});

describe("a running turn", () => {
  it("is cancelled when somebody asks for it, and the session stays warm", async () => {
    system = await openSystem({ config: `[agents.demo]\n${QUICK}` });
    const id = await system.send("ops", { prompt: "[[words 3]] [[hang silent]]" });
    await waitUntil("it runs", async () => (await system.prompt(id)).state === "running");
    expect((await call("POST", `/v1/prompts/${id}/cancel`)).status).toBe(202);
    const cancelled = await system.finished(id);
    expect(cancelled).toMatchObject({ state: "cancelled", stopReason: "cancelled" });
    expect(await system.ask("ops", "and now?")).toMatchObject({
      state: "completed",
      session: { id: cancelled.session?.id, opened: "warm" },
    });
    const again = await call("POST", `/v1/prompts/${id}/cancel`);
    expect(again.status).toBe(200);
  }, 60_000);
});
