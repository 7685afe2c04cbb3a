import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@pilotlight/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

const dir = mkdtempSync(join(tmpdir(), "pilotlight-broken-"));
const { demo } = loadConfig({ env: {}, cwd: tmpdir() }).agents;

/** An agent that writes down each start of it and then runs a line of shell. */
function agent(name: string, script: string): string {
  const line = `echo started >> ${join(dir, name)}; ${script}`;
  return `
[agents.${name}]
command = ["sh", "-c", ${JSON.stringify(line)}]
probe = { command = ["true"] }
`;
}

const starts = (name: string) => readFileSync(join(dir, name), "utf8").trim().split("\n").length;

let system: TestSystem;
beforeAll(async () => {
  system = await openSystem({
    config: [
      '[acp]\nagent = "broken"',
      agent("broken", "echo no licence found >&2; exit 3"),
      agent(
        "killed-once",
        `[ $(wc -l < ${join(dir, "killed-once")}) -gt 1 ] && exec ${demo?.command.join(" ")}; kill -KILL $$`,
      ),
      agent("killed", "kill -KILL $$"),
    ].join("\n"),
  });
});
afterAll(async () => {
  await system?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function askAgent(name: string, channel: string) {
  const response = await system.fetch(`/v1/channels/${channel}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ agents: [name] }),
  });
  expect(response.status).toBe(200);
  return await system.ask(channel, "hello");
}

it("answers with the reason and the end of stderr where the agent cannot start, and starts it once", async () => {
  const prompt = await system.ask("ops", "hello");
  expect(prompt.state).toBe("failed");
  expect(prompt.error?.code).toBe("agent_start_failed");
  expect(prompt.error?.stderr).toContain("no licence found");
  expect(starts("broken")).toBe(1);
});

it("starts an agent once more that was killed while it started", async () => {
  const prompt = await askAgent("killed-once", "once");
  expect(prompt).toMatchObject({ state: "completed", session: { opened: "fresh" } });
  expect(starts("killed-once")).toBe(2);
});

it("counts every start that was killed, and starts nothing once the channel rests", async () => {
  const first = await askAgent("killed", "always");
  expect(first).toMatchObject({ state: "failed", error: { code: "agent_start_failed" } });
  expect(first.error?.message).toContain("it was ended by SIGKILL");
  expect(starts("killed")).toBe(2);
  const second = await system.ask("always", "again");
  expect(second).toMatchObject({ state: "failed" });
  // The third failure within a minute: its other start is left out.
  expect(starts("killed")).toBe(3);
  const channel = await (await system.fetch("/v1/channels/always")).json();
  expect(channel).toMatchObject({ blocked: { reason: "degraded", until: expect.any(Number) } });
});

it("names every fault of the configuration at once, and listens to nothing", async () => {
  const failure = await openSystem({
    config: `
[http]
port = "many"
[acp]
agent = "nobody"
colour = 3
`,
  }).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(Error);
  const text = (failure as Error).message;
  expect(text).toContain("ended with 78");
  expect(text).toContain("acp.colour");
});
