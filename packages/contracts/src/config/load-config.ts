import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse as parseToml } from "smol-toml";
import type { z } from "zod";
import { AGENT_PRESETS, DEMO_AGENT } from "./agent-presets.ts";
import { callbackSecretFaults, callbacksOf } from "./callback-config.ts";
import type { AgentConfig, McpServerConfig, PilotlightConfig } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { type ConfigFile, configFileSchema } from "./config-schema.ts";
import { ownAgentCommand } from "./own-agent-command.ts";
import { prechecksOf } from "./precheck-config.ts";
import { withProbes } from "./with-probes.ts";

export interface LoadConfigInput {
  /** `process.env`: `PILOTLIGHT_<SECTION>_<KEY>` over the file, and `REDIS_URL`, `PILOTLIGHT_CONFIG`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What flags set, over the environment: `{http: {port: 0}}`. */
  readonly flags?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The file that `--config` names. Without it `pilotlight.toml` is read where it exists. */
  readonly file?: string;
  readonly cwd?: string;
  /** The process signs callbacks: secrets that the environment does not hold are faults. */
  readonly needsSecrets?: boolean;
}

type Sections = Record<string, Record<string, unknown>>;

/**
 * Reads file, environment and flags once and freezes the result.
 *
 * @throws ConfigError with every fault at once.
 */
export function loadConfig(input: LoadConfigInput): PilotlightConfig {
  const cwd = input.cwd ?? process.cwd();
  const faults: string[] = [];
  const file = readConfigFile(input, cwd, faults);
  const merged = overlay(file.content, input, faults);
  const parsed = configFileSchema.safeParse(merged);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.flatMap(describeIssue));
    throw new ConfigError(faults);
  }
  const config = resolveConfig(parsed.data, file.baseDir, input.env, faults);
  if (input.needsSecrets === true) {
    faults.push(...callbackSecretFaults(config.callbacks, input.env));
  }
  if (faults.length > 0) {
    throw new ConfigError(faults);
  }
  return deepFreeze(config);
}

function readConfigFile(
  input: LoadConfigInput,
  cwd: string,
  faults: string[],
): { content: Record<string, unknown>; baseDir: string } {
  const named = input.file ?? input.env.PILOTLIGHT_CONFIG;
  const path = resolve(cwd, named ?? "pilotlight.toml");
  if (!existsSync(path)) {
    if (named !== undefined) {
      faults.push(`config file: ${named} does not exist`);
    }
    return { content: {}, baseDir: cwd };
  }
  try {
    return { content: parseToml(readFileSync(path, "utf8")), baseDir: dirname(path) };
  } catch (error) {
    faults.push(`config file: ${named ?? "pilotlight.toml"} is not valid TOML: ${String(error)}`);
    return { content: {}, baseDir: cwd };
  }
}

/** Environment over file, flags over environment. An unknown `PILOTLIGHT_<SECTION>_...` is a fault too. */
function overlay(
  content: Record<string, unknown>,
  input: LoadConfigInput,
  faults: string[],
): Record<string, unknown> {
  const merged: Sections = structuredClone(content) as Sections;
  const put = (section: string, key: string, value: unknown) => {
    if (value !== undefined) {
      merged[section] = { ...merged[section], [key]: value };
    }
  };
  const sections = configFileSchema.shape;
  for (const [name, text] of Object.entries(input.env)) {
    const match = /^PILOTLIGHT_([A-Z]+)_([A-Z_]+)$/.exec(name);
    const section = match?.[1]?.toLowerCase();
    const key = match?.[2]?.toLowerCase();
    if (section === undefined || key === undefined || text === undefined) {
      continue;
    }
    if (section === "agents" || !(section in sections)) {
      continue;
    }
    const shape = sectionShape(sections[section as keyof typeof sections]);
    if (!(key in shape)) {
      faults.push(`environment: ${name} names no setting of [${section}]`);
      continue;
    }
    put(section, key, fromEnvironment(text));
  }
  put("redis", "url", input.env.REDIS_URL || undefined);
  for (const [section, keys] of Object.entries(input.flags ?? {})) {
    for (const [key, value] of Object.entries(keys)) {
      put(section, key, value);
    }
  }
  return merged;
}

function sectionShape(section: z.ZodType): Record<string, unknown> {
  const unwrapped = "unwrap" in section ? (section.unwrap as () => z.ZodType)() : section;
  return "shape" in unwrapped ? (unwrapped.shape as Record<string, unknown>) : {};
}

function fromEnvironment(text: string): unknown {
  if (text === "true" || text === "false") {
    return text === "true";
  }
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    return Number(text);
  }
  return text.startsWith("[") ? text.slice(1, -1).split(",").filter(Boolean) : text;
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `${path === "" ? key : `${path}.${key}`}: is not a known setting`,
    );
  }
  return [`${path}: ${issue.message}`];
}

function resolveConfig(
  file: ConfigFile,
  baseDir: string,
  env: LoadConfigInput["env"],
  faults: string[],
): PilotlightConfig {
  const agents = withProbes(resolveAgents(file, faults), file, env);
  if (!(file.acp.agent in agents)) {
    faults.push(`acp.agent: "${file.acp.agent}" is none of ${Object.keys(agents).join(", ")}`);
  }
  const url = file.redis.url;
  if (url !== undefined && !/^(rediss?(\+cluster|\+sentinel)?|unix):\/\//.test(url)) {
    faults.push(
      "redis.url: must start with redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://",
    );
  }
  return {
    dataDir: resolve(baseDir, file.data.dir),
    logLevel: file.log.level,
    redis: {
      fsync: file.redis.fsync,
      minReplicas: file.redis.min_replicas,
      ...(url === undefined ? {} : { url }),
    },
    http: {
      host: file.http.host,
      port: file.http.port,
      allowedHosts: file.http.allowed_hosts,
      allowedOrigins: file.http.allowed_origins,
    },
    board: file.board.listen === undefined ? {} : { listen: file.board.listen },
    defaultAgent: file.acp.agent,
    mcpServers: resolveMcpServers(file),
    prechecks: prechecksOf(file.prechecks),
    callbacks: callbacksOf(file.callbacks),
    cwdRoots: file.acp.cwd_roots.map((root) => resolve(baseDir, root)),
    agents,
    watchedAgents: [...new Set([file.acp.agent, ...Object.keys(file.agents)])],
    probeEveryMs: file.acp.probe_secs * 1000,
    permissions: file.acp.permissions,
    askMs: file.acp.permission_secs * 1000,
    grantMs: file.acp.grant_secs * 1000,
    onInterrupted: file.acp.on_interrupted,
    onLimit: file.acp.on_limit,
    keepAliveMs: file.acp.keep_alive_secs * 1000,
    preWarmMs: file.acp.pre_warm_secs * 1000,
    workers: {
      count: file.workers.count,
      maxSessions: file.workers.max_sessions,
      sessionMemoryBytes: file.workers.session_memory,
      ...(file.workers.memory_budget === undefined
        ? {}
        : { memoryBudgetBytes: file.workers.memory_budget }),
      leaseTtlMs: file.workers.lease_ttl_secs * 1000,
      drainMs: file.workers.drain_secs * 1000,
      containment: file.workers.containment,
    },
    deadlines: {
      startMs: file.deadlines.start_secs * 1000,
      silenceMs: file.deadlines.silence_secs * 1000,
      turnMs: file.deadlines.turn_secs * 1000,
      cancelMs: file.deadlines.cancel_secs * 1000,
      probeMs: file.deadlines.probe_secs * 1000,
    },
    retentionMs: file.journal.retention_secs * 1000,
    limits: {
      bodyBytes: file.limits.body_bytes,
      promptBytes: file.limits.prompt_bytes,
      queuePerChannel: file.limits.queue_per_channel,
      queueTotal: file.limits.queue_total,
      sseTotal: file.limits.sse_total,
      eventsPerChannel: file.limits.events_per_channel,
      textBytes: file.limits.text_bytes,
    },
  };
}

function resolveAgents(file: ConfigFile, faults: string[]): Record<string, AgentConfig> {
  const agents: Record<string, AgentConfig> = {
    [DEMO_AGENT]: {
      name: DEMO_AGENT,
      command: ownAgentCommand("demo-agent"),
      env: [],
      set: {},
      configDirEnv: "DEMO_AGENT_HOME",
      asksBeforeChanges: true,
      takesSystemPrompt: true,
      standby: 0,
    },
  };
  for (const [name, preset] of Object.entries(AGENT_PRESETS)) {
    agents[name] = { name, takesSystemPrompt: false, standby: 0, ...preset };
  }
  for (const [name, given] of Object.entries(file.agents)) {
    const known = agents[name];
    const command = given.command ?? known?.command;
    if (command === undefined) {
      faults.push(`agents.${name}.command: is missing, and "${name}" is not known by name`);
      continue;
    }
    const configDirEnv = given.config_dir_env ?? known?.configDirEnv;
    agents[name] = {
      name,
      command,
      env: given.env ?? known?.env ?? [],
      set: { ...known?.set, ...given.set },
      ...(configDirEnv === undefined ? {} : { configDirEnv }),
      asksBeforeChanges: given.asks_before_changes ?? known?.asksBeforeChanges ?? false,
      takesSystemPrompt: given.takes_system_prompt ?? known?.takesSystemPrompt ?? false,
      standby: given.standby ?? 0,
    };
  }
  const chosen = agents[file.acp.agent];
  if (chosen !== undefined) {
    agents[file.acp.agent] = {
      ...chosen,
      standby: file.agents[file.acp.agent]?.standby ?? file.acp.standby,
      ...(file.acp.agent_binary === undefined ? {} : { command: [file.acp.agent_binary] }),
    };
  }
  return agents;
}

function resolveMcpServers(file: ConfigFile): Record<string, McpServerConfig> {
  const servers: Record<string, McpServerConfig> = {};
  for (const [name, { command, env, url, headers }] of Object.entries(file.mcp_servers)) {
    if (command !== undefined) {
      servers[name] = { name, command, env };
    } else if (url !== undefined) {
      servers[name] = { name, url, headers };
    }
  }
  return servers;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) {
      deepFreeze(inner);
    }
  }
  return value;
}
