import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { healthSchema, loadConfig } from "@pilotlight/contracts";
import { type RunningPilotlight, startPilotlight, waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";

const dir = mkdtempSync(join(tmpdir(), "pilotlight-health-"));
const command = join(dir, "agent");
let system: RunningPilotlight;
beforeAll(async () => {
  system = await startPilotlight({
    config: `
[acp]
agent = "mine"
[agents.mine]
command = ["${command}"]
[agents.other]
command = ["other"]
probe = { command = ["true"] }
`,
  });
});
afterAll(async () => {
  await system.stop();
  rmSync(dir, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(["health", ...args, "--data-dir", system.dataDir]);

it("says which agents work, and exits by the default one or the one asked for", async () => {
  await waitUntil("both are probed", async () => {
    const { agents } = healthSchema.parse(await (await system.fetch("/api/health")).json());
    return agents.length === 2 && agents.every(({ state }) => state !== "cold");
  });
  const all = await run();
  expect(all.code).toBe(1);
  expect(all.stdout).toMatch(
    /^AGENT +STATE +LAST SEEN +REASON\nmine \(default\) +dead +- +its command .* was not found\nother +warm +\S+ \S+ ago +-\n$/,
  );
  expect((await run("other")).code).toBe(0);
  const mine = await run("mine", "--json");
  expect(mine.code).toBe(1);
  expect(JSON.parse(mine.stdout)).toMatchObject({ agent: "mine", state: "dead" });

  const { demo } = loadConfig({ env: {}, cwd: tmpdir() }).agents;
  writeFileSync(command, `#!/bin/sh\nexec ${demo?.command.join(" ")}\n`);
  chmodSync(command, 0o755);
  const pinged = await run("--ping", "mine");
  expect(pinged.stdout).toMatch(/^mine: warm\n\nWORKER +STATE .*\n\S+ +warm +.* ago +-\n$/);
  expect(pinged.code).toBe(0);

  const unknown = await run("--ping", "nobody");
  expect([unknown.code, unknown.stdout]).toEqual([1, ""]);
  expect(unknown.stderr).toContain("agent_not_found");
}, 120_000);
