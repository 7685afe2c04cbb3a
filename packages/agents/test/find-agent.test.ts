import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findAgent } from "../src/index.ts";
import { agentOf } from "./start-shell.ts";

function machine() {
  const dir = mkdtempSync(join(tmpdir(), "pilotlight-find-"));
  const bin = join(dir, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "npx"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(bin, "good"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(bin, "plain"), "", { mode: 0o644 });
  return { dir, bin, options: { cwd: dir, env: { PATH: bin, HOME: dir } } };
}

test("a command on PATH, and one by its path, is ready", () => {
  const { bin, options } = machine();
  const ready = { at: "ready", file: join(bin, "good") };
  expect(findAgent(agentOf("good"), options)).toEqual(ready);
  expect(findAgent(agentOf(join(bin, "good")), options)).toEqual(ready);
  expect(findAgent(agentOf("./bin/good"), options)).toEqual(ready);
});

test("a missing command, one that is not executable, and a missing script are missing", () => {
  const { options } = machine();
  expect(findAgent(agentOf("absent"), options)).toEqual({
    at: "missing",
    reason: 'its command "absent" was not found',
  });
  expect(findAgent(agentOf("plain"), options)).toMatchObject({
    reason: 'its command "plain" is not executable',
  });
  expect(findAgent(agentOf("good", "/no/such/main.ts"), options)).toMatchObject({ at: "missing" });
});

test("a package of npx is fetched on use until it is installed", () => {
  const { dir, options } = machine();
  const agent = agentOf("npx", "-y", "@scope/agent@1.2.3", "--acp");
  expect(findAgent(agent, options)).toEqual({ at: "fetched-on-use", package: "@scope/agent" });
  const cached = join(dir, ".npm", "_npx", "abc", "node_modules", "@scope", "agent");
  mkdirSync(cached, { recursive: true });
  writeFileSync(join(cached, "package.json"), "{}");
  expect(findAgent(agent, options)).toEqual({ at: "ready", file: cached });
});

test("a package in node_modules above the directory is ready", () => {
  const { dir, options } = machine();
  const installed = join(dir, "node_modules", "agent");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), "{}");
  const cwd = join(dir, "some", "where");
  expect(findAgent(agentOf("npx", "agent"), { ...options, cwd })).toEqual({
    at: "ready",
    file: installed,
  });
});
