import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentConfig } from "@pilotlight/contracts";
import { type AgentProcess, type SpawnAgentOptions, spawnAgent } from "../src/index.ts";

export function agentOf(...command: string[]): AgentConfig {
  return { name: "test", command, env: [], set: {}, asksBeforeChanges: false };
}

/** A process that runs a shell script where an agent would run. */
export async function startShell(
  script: string,
  options: Partial<SpawnAgentOptions> = {},
): Promise<AgentProcess> {
  const cwd = mkdtempSync(join(tmpdir(), "pilotlight-agents-"));
  // Its pids are told as this machine counts them.
  return spawnAgent({
    agent: agentOf("sh", "-c", script),
    cwd,
    containment: "none",
    ...options,
  });
}

/** The first line it writes to stdout. */
export async function firstLine({ stdout }: AgentProcess): Promise<string> {
  let text = "";
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes("\n")) {
      break;
    }
  }
  return text.split("\n", 1)[0] ?? "";
}
