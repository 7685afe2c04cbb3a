import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The adapter that the end-to-end tests run, pinned: another version may behave differently. */
export const CLAUDE_ADAPTER = {
  name: "@agentclientprotocol/claude-agent-acp",
  version: "0.100.0",
} as const;

/** Where agents are installed: outside the project's own dependencies, for they are hundreds of megabytes. */
export function agentsDir(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.PILOTLIGHT_AGENTS_DIR;
  return resolve(named ? named : join(import.meta.dirname, "../../.cache/agents"));
}

/** The folder of the installed adapter. It exists complete or not at all. */
export function claudeAdapterDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(agentsDir(env), `claude-agent-acp-${CLAUDE_ADAPTER.version}`);
}

/**
 * The command that starts the adapter with this very Node.
 *
 * @throws Error where it has not been installed.
 */
export function claudeCommand(): readonly string[] {
  const main = join(claudeAdapterDir(), "node_modules", CLAUDE_ADAPTER.name, "dist/index.js");
  if (!existsSync(main)) {
    throw new Error(`${CLAUDE_ADAPTER.name} is not installed: npm run agents:install`);
  }
  return [process.execPath, main];
}
