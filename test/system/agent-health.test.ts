import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentProbedSchema, healthSchema, loadConfig } from "@pilotlight/contracts";
import { waitUntil } from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let dir: string;
let system: TestSystem | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pilotlight-broken-"));
});
afterEach(async () => {
  await system?.stop();
  rmSync(dir, { recursive: true, force: true });
});

it("tells why the default agent is dead on both workers, and that it is well once it is mended", async () => {
  const command = join(dir, "agent");
  const write = (script: string) => {
    writeFileSync(command, `#!/bin/sh\n${script}\n`);
    chmodSync(command, 0o755);
  };
  write("echo the licence has expired >&2; exit 3");
  const running = await openSystem({
    config: `
[acp]
agent = "mine"
[workers]
count = 2
[agents.mine]
command = ["${command}"]
`,
  });
  system = running;
  const health = async () => healthSchema.parse(await (await running.fetch("/api/health")).json());
  await waitUntil("both workers know", async () => {
    const [mine] = (await health()).agents;
    return mine?.workers.length === 2 && mine.workers.every(({ state }) => state === "dead");
  });
  expect(await health()).toMatchObject({
    status: "degraded",
    workers: 2,
    agents: [
      {
        agent: "mine",
        state: "dead",
        reason: "it exited with code 3: the licence has expired",
        workers: [{ good: 0 }, { good: 0 }],
      },
    ],
  });

  const { demo } = loadConfig({ env: {}, cwd: tmpdir() }).agents;
  write(`exec ${demo?.command.join(" ")}`);
  const response = await running.fetch("/api/health/mine/probe", { method: "POST" });
  expect(agentProbedSchema.parse(await response.json())).toMatchObject({
    state: "warm",
    unanswered: [],
    workers: [{ state: "warm" }, { state: "warm" }],
  });
  expect(await health()).toMatchObject({
    status: "ok",
    agents: [{ agent: "mine", state: "warm" }],
  });
}, 60_000);
