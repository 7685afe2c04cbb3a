import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { loadConfig } from "./load-config.ts";

const { agents } = loadConfig({ env: {}, cwd: tmpdir() });

test("every agent that is known by name has a directory of its own per channel", () => {
  expect(Object.values(agents).map(({ name, configDirEnv }) => [name, configDirEnv])).toEqual([
    ["demo", "DEMO_AGENT_HOME"],
    ["claude", "CLAUDE_CONFIG_DIR"],
    ["codex", "CODEX_HOME"],
    ["gemini", "GEMINI_CLI_HOME"],
    ["opencode", "XDG_DATA_HOME"],
    ["ollama", "PILOTLIGHT_OLLAMA_HOME"],
  ]);
});

test.each(["demo", "ollama"])("%s is run by our own Node from a file that is there", (name) => {
  const [node, main = ""] = agents[name]?.command ?? [];
  expect(node).toBe(process.execPath);
  expect(existsSync(main)).toBe(true);
});

test("ollama sees where its server is and which model is wanted, and what the file sets", () => {
  const set = { PILOTLIGHT_OLLAMA_CONTEXT: "32768" };
  expect(agents.ollama).toMatchObject({ env: ["OLLAMA_HOST", "OLLAMA_MODEL"], set: {} });
  const { agents: configured } = loadConfig({
    env: {},
    cwd: tmpdir(),
    flags: { agents: { ollama: { set } } },
  });
  expect(configured.ollama).toMatchObject({ command: agents.ollama?.command, set });
});
