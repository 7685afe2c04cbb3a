import type { AgentConfig } from "@pilotlight/contracts";

type Env = Readonly<Record<string, string | undefined>>;

/** What every program may need to run at all; none of them carries a provider's secret. */
const COMMON = [
  "PATH",
  "HOME",
  "LANG",
  "LC_*",
  "TERM",
  "TZ",
  "TMPDIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
];

export interface AgentEnvironmentOptions {
  readonly agent: AgentConfig;
  /** Becomes the value of the agent's own variable for it. */
  readonly configDir?: string;
  /** Where allowed variables are taken from: the caller's own environment. */
  readonly source: Env;
}

/**
 * The whole environment of an agent process: the common variables, those the agent is configured to see,
 * what is set for it, and its configuration directory. Nothing else of ours gets in.
 */
export function agentEnvironment(options: AgentEnvironmentOptions): Record<string, string> {
  const { agent, configDir, source } = options;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && isAllowed(name, agent.env)) {
      env[name] = value;
    }
  }
  Object.assign(env, agent.set);
  if (agent.configDirEnv !== undefined && configDir !== undefined) {
    env[agent.configDirEnv] = configDir;
  }
  return env;
}

function isAllowed(name: string, configured: readonly string[]): boolean {
  return [...COMMON, ...configured].some((pattern) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
