import { ownAgentCommand } from "./own-agent-command.ts";

/** How to run a backend that Pilotlight knows by name. All speak ACP on stdio (as observed in late 2026). */
export interface AgentPreset {
  readonly command: readonly string[];
  /** Names of environment variables that the agent may see besides the common ones. */
  readonly env: readonly string[];
  /** Variables that are always set for it. */
  readonly set: Readonly<Record<string, string>>;
  /** The variable that names its configuration directory: one directory per channel. */
  readonly configDirEnv?: string;
  /** True where it is known to ask for permission before it changes anything. */
  readonly asksBeforeChanges: boolean;
  /** True where `session/new` takes `_meta.systemPrompt`. */
  readonly takesSystemPrompt?: boolean;
}

/** The name that stands for the built-in demo agent; its command is filled in where processes start. */
export const DEMO_AGENT = "demo";

export const AGENT_PRESETS: Readonly<Record<string, AgentPreset>> = {
  claude: {
    command: ["npx", "-y", "@agentclientprotocol/claude-agent-acp"],
    env: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_*"],
    set: { CLAUDE_AGENT_ACP_PROTOCOL: "v1", DISABLE_AUTOUPDATER: "1" },
    configDirEnv: "CLAUDE_CONFIG_DIR",
    asksBeforeChanges: true,
    takesSystemPrompt: true,
  },
  codex: {
    command: ["npx", "-y", "@zed-industries/codex-acp"],
    env: ["OPENAI_API_KEY", "CODEX_API_KEY", "OPENAI_BASE_URL"],
    set: {},
    configDirEnv: "CODEX_HOME",
    asksBeforeChanges: false,
  },
  gemini: {
    command: ["npx", "-y", "@google/gemini-cli", "--acp"],
    env: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_CLOUD_PROJECT"],
    // One process less, and it then stops on SIGTERM.
    set: { GEMINI_CLI_NO_RELAUNCH: "true" },
    configDirEnv: "GEMINI_CLI_HOME",
    asksBeforeChanges: false,
  },
  opencode: {
    command: ["npx", "-y", "opencode-ai", "acp"],
    env: ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"],
    set: {},
    configDirEnv: "XDG_DATA_HOME",
    asksBeforeChanges: false,
  },
  ollama: {
    command: ownAgentCommand("ollama-agent"),
    env: ["OLLAMA_HOST", "OLLAMA_MODEL"],
    set: {},
    configDirEnv: "PILOTLIGHT_OLLAMA_HOME",
    // It has no tools: a turn of it changes nothing but its own conversation.
    asksBeforeChanges: true,
    takesSystemPrompt: true,
  },
};
