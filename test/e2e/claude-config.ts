import type { PermissionPolicy } from "@pilotlight/contracts";
import { claudeCommand } from "./claude-adapter.ts";

/** Nothing listens there: what does not go to the fake model goes nowhere. */
const DEAD_PROXY = "http://127.0.0.1:9";

/** What sends the agent to the model at `modelUrl` and keeps it from everything else. */
export function claudeEnvironment(modelUrl: string): Readonly<Record<string, string>> {
  return {
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: "sk-ant-fake",
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    // Otherwise the agent retries in silence for minutes where the model fails.
    CLAUDE_CODE_MAX_RETRIES: "1",
    HTTP_PROXY: DEAD_PROXY,
    HTTPS_PROXY: DEAD_PROXY,
    NO_PROXY: "127.0.0.1,localhost",
  };
}

/**
 * A configuration in which every channel talks to the real Claude agent, which talks to the model at `modelUrl`.
 * The agent's home is that of the system, and that one is private to it.
 */
export function claudeConfig(modelUrl: string, permissions: PermissionPolicy): string {
  return [
    "[acp]",
    'agent = "claude"',
    `permissions = ${JSON.stringify(permissions)}`,
    "[agents.claude]",
    `command = ${JSON.stringify(claudeCommand())}`,
    "[agents.claude.set]",
    ...Object.entries(claudeEnvironment(modelUrl)).map(
      ([name, value]) => `${name} = ${JSON.stringify(value)}`,
    ),
  ].join("\n");
}
