import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentConfig, loadConfig } from "@pilotlight/contracts";
import { createLogger } from "@pilotlight/lifecycle";
import { waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type AgentHealth, createAgentHealth } from "../src/agent-health/agent-health.ts";
import type { ProbeOutcome } from "../src/agent-health/agent-health-state.ts";
import { runProbe } from "../src/agent-health/run-probe.ts";

let dir: string;
let owner: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pilotlight-health-"));
  owner = `probe-test-${process.pid}-${Math.random()}`;
});
afterEach(() => {
  // However a probe ends, nothing of it is left.
  expect(processesOf(owner)).toEqual([]);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

/** Those that carry the mark in their environment. */
function processesOf(mark: string): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        !/\) [ZX] /.test(readFileSync(`/proc/${name}/stat`, "latin1")) &&
        readFileSync(`/proc/${name}/environ`, "latin1").includes(mark)
      );
    } catch {
      return false;
    }
  });
}

const { demo = agentOf("never") } = loadConfig({ env: {}, cwd: tmpdir() }).agents;

function agentOf(...command: string[]): AgentConfig {
  const { demo: known } = loadConfig({ env: {}, cwd: tmpdir() }).agents;
  if (known === undefined) {
    throw new Error("the demo agent is always configured");
  }
  return { ...known, name: "mine", command };
}

const probe = (agent: AgentConfig, deadlineMs = 20_000, signal = new AbortController().signal) =>
  runProbe({ dataDir: dir, deadlineMs, owner }, agent, signal);

describe("a probe by a command", () => {
  const command = (...args: string[]): AgentConfig => ({ ...demo, probe: { command: args } });
  const shell = (script: string) => command("sh", "-c", script);

  it("is well where it exits with 0", async () => {
    expect(await probe(shell("cat >/dev/null; exit 0"))).toEqual({ at: "good" });
  });

  it("fails with the exit code and the last thing it said", async () => {
    const outcome = await probe(shell("echo looking >&2; echo no licence >&2; exit 3"));
    expect(outcome).toMatchObject({ at: "failed" });
    expect(outcome).toHaveProperty(
      "reason",
      expect.stringMatching(/exited with code 3: no licence$/),
    );
  });

  it("fails where the command is missing", async () => {
    expect(await probe(command("not-here-at-all"))).toEqual({
      at: "failed",
      reason: `its probe cannot be run: its command "not-here-at-all" was not found`,
    });
  });

  it("hands its words to the program as they are, without a shell", async () => {
    expect(await probe(command("test", "$HOME", "=", "$" + "HOME"))).toEqual({ at: "good" });
  });

  it("fails where it hangs, and is ended though it ignores SIGTERM and has a child", async () => {
    const outcome = await probe(
      shell("trap '' TERM; setsid sleep 600 & sleep 600; sleep 600"),
      700,
    );
    expect(outcome).toHaveProperty("reason", expect.stringContaining("took more than 0.7 s"));
  });

  it("is well though it leaves something running, which is ended", async () => {
    expect(await probe(shell("setsid sleep 600 >/dev/null 2>&1 & exit 0"))).toEqual({ at: "good" });
  });
});

describe("a probe by HTTP", () => {
  async function serve(handle: RequestListener): Promise<AgentConfig> {
    const server = createServer(handle);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return { ...demo, probe: { http: `http://me:hidden%21@127.0.0.1:${port}/up?x=1` } };
  }

  it("is well where it is answered 2xx, also if the answer never ends", async () => {
    const agent = await serve((_, res) => void res.writeHead(200).write("{"));
    expect(await probe(agent)).toEqual({ at: "good" });
  });

  it("sends the address's password as a header, and never tells it", async () => {
    let seen: string | undefined;
    const agent = await serve((req, res) => {
      seen = req.headers.authorization;
      res.writeHead(500).end();
    });
    const outcome = await probe(agent);
    expect(outcome).toHaveProperty(
      "reason",
      expect.stringMatching(/^http:\/\/127[^@]*\/up answered 500$/),
    );
    expect(seen).toBe(`Basic ${Buffer.from("me:hidden!").toString("base64")}`);
  });

  it("fails where it is sent elsewhere", async () => {
    const agent = await serve((_, res) => res.writeHead(302, { location: "/other" }).end());
    expect(await probe(agent)).toHaveProperty("reason", expect.stringContaining("answered 302"));
  });

  it("fails where nobody answers in time, or at all", async () => {
    const agent = await serve(() => undefined);
    expect(await probe(agent, 300)).toHaveProperty(
      "reason",
      expect.stringContaining("did not answer within 0.3 s"),
    );
    const nobody = { ...demo, probe: { http: "http://127.0.0.1:9/" } };
    expect(await probe(nobody)).toMatchObject({ at: "failed" });
    expect(await probe({ ...demo, probe: { http: "http://" } })).toMatchObject({ at: "failed" });
  });
});

describe("a probe by starting the agent", () => {
  it("is well where the agent shakes hands", async () => {
    expect(await probe(demo)).toEqual({ at: "good" });
  });

  it("fails where the command is missing", async () => {
    expect(await probe(agentOf("not-here-at-all"))).toEqual({
      at: "failed",
      reason: `its command "not-here-at-all" was not found`,
    });
  });

  it("fails with what the agent said where it ends instead", async () => {
    expect(await probe({ ...demo, set: { DEMO_EXIT_AT_START: "4" } })).toEqual({
      at: "failed",
      reason: "it exited with code 4: demo-agent: told by DEMO_EXIT_AT_START not to start",
    });
  });

  it("fails where the agent does not answer, and ends it", async () => {
    const agent = agentOf("sh", "-c", "trap '' TERM; setsid sleep 600 & cat >/dev/null; sleep 600");
    expect(await probe(agent, 700)).toEqual({
      at: "failed",
      reason: "it did not answer initialize within 0.7 s",
    });
  });

  it("is not made where npx would have to fetch the agent first", async () => {
    const agent = agentOf("npx", "-y", "@nobody/not-an-agent");
    expect(await probe(agent)).toEqual({
      at: "unknown",
      reason: "npx fetches @nobody/not-an-agent at the first start",
    });
  });

  it("ends with its agent where it is no longer wanted", async () => {
    const abort = new AbortController();
    const probing = probe(agentOf("sh", "-c", "sleep 600; sleep 1"), 20_000, abort.signal);
    const settled = probing.catch((error: Error) => error.name);
    await waitUntil("it runs", () => processesOf(owner).length > 0);
    abort.abort();
    expect(await settled).toBe("AbortError");
  });
});

describe("an agent's health", () => {
  let health: AgentHealth;
  afterEach(() => health.stop());

  function watch(given: Partial<Parameters<typeof createAgentHealth>[0]>): AgentHealth {
    health = createAgentHealth({
      agents: { demo, mine: agentOf("x"), other: agentOf("x") },
      watched: ["demo"],
      probeEveryMs: 900_000,
      log: createLogger("test", "silent"),
      runProbe: async () => ({ at: "good" }),
      onChange: () => undefined,
      ...given,
    });
    return health;
  }

  it("is found out soon after the start, and of others once a channel prefers them", async () => {
    watch({});
    expect(health.healthOf("demo")).toBe("cold");
    health.start();
    await waitUntil("demo is probed", () => health.healthOf("demo") === "warm");
    expect(Object.keys(health.views())).toEqual(["demo"]);
    expect(health.rank(["mine", "demo"])).toEqual(["demo", "mine"]);
    await waitUntil("mine is probed", () => health.healthOf("mine") === "warm");
    expect(health.rank(["mine", "demo"])).toEqual(["mine", "demo"]);
  });

  it("is told again and again by real probes: broken, then mended", async () => {
    const file = join(dir, "agent");
    const mine = agentOf(file);
    const states: string[] = [];
    watch({
      agents: { mine },
      watched: ["mine"],
      probeEveryMs: 200,
      runProbe: (agent, signal) =>
        runProbe({ dataDir: dir, deadlineMs: 20_000, owner }, agent, signal),
      onChange: () => {
        const state = health.healthOf("mine");
        if (states.at(-1) !== state) {
          states.push(state);
        }
      },
    });
    health.start();
    await waitUntil("it is dead", () => health.healthOf("mine") === "dead");
    expect(health.views().mine).toMatchObject({
      state: "dead",
      reason: `its command "${file}" was not found`,
    });
    const [node = "", main = ""] = demo.command;
    writeFileSync(file, `#!/bin/sh\nexec ${node} ${main}\n`);
    chmodSync(file, 0o755);
    await waitUntil("it is warm", () => health.healthOf("mine") === "warm");
    expect(states).toEqual(["dead", "warm"]);
    expect(health.views().mine).not.toHaveProperty("reason");
  });

  it("needs no probe while those who use the agent tell of it", async () => {
    const probes: string[] = [];
    watch({
      watched: ["demo", "mine"],
      runProbe: async ({ name }) => {
        probes.push(name);
        return { at: "good" };
      },
    });
    health.note("demo", { at: "good" });
    health.start();
    await waitUntil("mine is probed", () => health.healthOf("mine") === "warm");
    expect(probes).toEqual(["mine"]);
    expect(health.views().demo).toMatchObject({
      good: 1,
      failed: 0,
      lastGoodAt: expect.any(Number),
    });
  });

  it("passes over agents at their limit until it is reset", () => {
    watch({});
    const untilMs = Date.now() + 60_000;
    health.note("demo", { at: "limited", untilMs, reason: "5-hour limit reached" });
    health.note("mine", { at: "failed", reason: "gone" });
    expect(health.limitedUntil("demo")).toBe(untilMs);
    expect(health.rank(["demo", "mine", "other"])).toEqual(["other", "mine", "demo"]);
    expect(health.views().demo).toMatchObject({
      state: "limited",
      limitedUntil: untilMs,
      reason: "5-hour limit reached",
    });
  });

  it("answers each wish once, with a probe that began after it", async () => {
    const running: PromiseWithResolvers<ProbeOutcome>[] = [];
    watch({
      runProbe: () => {
        const outcome = Promise.withResolvers<ProbeOutcome>();
        running.push(outcome);
        return outcome.promise;
      },
    });
    const scheduled = health.probe("demo");
    health.answer([{ agent: "demo", asked: 7 }]);
    health.answer([{ agent: "demo", asked: 7 }]);
    const also = health.probe("demo");
    expect(running).toHaveLength(1);
    running[0]?.resolve({ at: "failed", reason: "from before" });
    expect(await scheduled).toMatchObject({ state: "dead", reason: "from before" });
    expect(health.views().demo).not.toHaveProperty("answered");
    await waitUntil("the next one begins", () => running.length === 2);
    running[1]?.resolve({ at: "good" });
    expect(await also).toMatchObject({ state: "warm" });
    expect(health.views().demo).toMatchObject({ answered: 7 });
    health.answer([{ agent: "demo", asked: 7 }]);
    expect(running).toHaveLength(2);
  });

  it("says so where somebody wishes for an agent that is not configured here", async () => {
    watch({});
    health.answer([{ agent: "stranger", asked: 1 }]);
    await waitUntil("it is answered", () => health.views().stranger?.answered === 1);
    expect(health.views().stranger).toMatchObject({
      state: "dead",
      reason: "it is not configured on this worker",
    });
  });

  it("is not found out by two probes at a time", async () => {
    let most = 0;
    let now = 0;
    watch({
      watched: ["demo", "mine", "other"],
      runProbe: async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return { at: "good" };
      },
    });
    health.start();
    await waitUntil("all are probed", () =>
      Object.values(health.views()).every(({ state }) => state === "warm"),
    );
    expect(most).toBe(1);
  });
});
