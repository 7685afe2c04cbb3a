import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseApiKey } from "@pilotlight/contracts";
import { freePort, startPilotlight, waitUntil } from "@pilotlight/testkit";
import { expect, it, onTestFinished } from "vitest";
import { runCli } from "./run-cli.ts";

/** The processes of one system, by where its data is: their environment or their command line names it. */
function processesOf(dataDir: string): number[] {
  return execFileSync("ps", ["eww", "-eo", "pid,args"], { encoding: "utf8", maxBuffer: 2 ** 26 })
    .split("\n")
    .filter((line) => line.includes(dataDir) && !line.includes(" ps eww"))
    .map((line) => Number.parseInt(line, 10));
}

it("prints all that is needed for a first prompt, and keeps the key to its owner", async () => {
  const system = await startPilotlight({ env: { OLLAMA_HOST: `127.0.0.1:${await freePort()}` } });
  onTestFinished(() => system.stop());
  const keyFile = join(system.dataDir, "api-key");
  for (const text of [
    system.url,
    `${system.url}/board`,
    keyFile,
    "demo (default)",
    "npx pilotlight prompt",
  ]) {
    expect(system.output()).toContain(text);
  }
  expect(system.output()).not.toContain(system.apiKey);
  // Its program is here, but no Ollama answers.
  expect(system.output()).toMatch(/^ *agents +demo \(default\)$/m);
  expect(parseApiKey(system.apiKey)).toBeDefined();
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);

  const second = await runCli(["up", "--port", "0", "--data-dir", system.dataDir]);
  expect(second.code).toBe(78);
  expect(second.stderr).toContain(`in use by process ${system.pid}`);

  const prompt = await runCli(["prompt", "hello", "say hi", "--data-dir", system.dataDir]);
  expect(prompt).toMatchObject({ code: 0, stdout: expect.stringContaining("say hi") });

  const doctor = await runCli(["doctor", "--json", "--data-dir", system.dataDir]);
  expect(doctor.code).toBe(0);
  const findings = JSON.parse(doctor.stdout) as { what: string; level: string; detail: string }[];
  expect(findings.find(({ what }) => what === "data directory")?.detail).toContain(
    `in use by process ${system.pid}`,
  );
  expect(findings.filter(({ level }) => level === "fail")).toEqual([]);
});

it("leaves no process and no lock behind at its end", async () => {
  const system = await startPilotlight();
  onTestFinished(() => system.stop());
  const { dataDir, dir } = system;
  expect(processesOf(dataDir).length).toBeGreaterThan(4);
  process.kill(system.pid, "SIGTERM");
  await waitUntil("all have ended", () => processesOf(dir).length === 0);
  // What it wrote last may still be in the pipe.
  await waitUntil("it said so", () => /\ndraining: .*\nended\n$/.test(system.output()));
  expect(existsSync(join(dataDir, "lock"))).toBe(false);
  expect(existsSync(join(dataDir, "run", "url"))).toBe(false);
});

it("leaves no process behind when it is killed, and starts again on what it had accepted", async () => {
  const system = await startPilotlight();
  onTestFinished(() => system.stop());
  const accepted = await system.fetch("/v1/channels/kept/prompts", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "hello" }),
  });
  const { id } = (await accepted.json()) as { id: string };
  process.kill(system.pid, "SIGKILL");
  await waitUntil("all have ended", () => processesOf(system.dir).length === 0, 25_000);
  expect(readFileSync(join(system.dataDir, "lock"), "utf8")).toContain(`"pid":${system.pid}`);

  const again = await startPilotlight({ dataDir: system.dataDir });
  onTestFinished(() => again.stop());
  expect(again.apiKey).toBe(system.apiKey);
  const found = await waitUntil("the prompt is answered", async () => {
    const answer = await again.fetch(`/v1/prompts/${id}`);
    const prompt = (await answer.json()) as { state: string };
    return prompt.state === "completed" ? prompt : undefined;
  });
  expect(found).toMatchObject({ id, channel: "kept" });
});
