import { z } from "zod";
import { AGENT_NAME_PATTERN } from "../agent-name.ts";
import { INTERRUPTION_POLICIES } from "../prompts/interruption.ts";
import { LIMIT_POLICIES } from "../prompts/limit-policy.ts";
import { MOST_ASK_SECS, MOST_GRANT_SECS } from "../questions/channel-permissions.ts";
import { PERMISSION_POLICIES } from "../questions/permission-rule.ts";
import { agentProbeSchema } from "./agent-probe.ts";
import { byteSizeSchema } from "./byte-size.ts";
import { callbacksSchema } from "./callback-config.ts";
import { precheckSchema } from "./precheck-config.ts";

const secs = (fallback: number, min = 1, max = 30 * 86_400) =>
  z.number().min(min).max(max).default(fallback);
const count = (fallback: number, min: number, max: number) =>
  z.number().int().min(min).max(max).default(fallback);
const name = z.string().regex(AGENT_NAME_PATTERN, "must be a short lower-case name");

const MOST_STANDBY = 50;

/** A tool server that channels may name: a command of its own, or an address. */
const mcpServerSchema = z
  .strictObject({
    command: z.array(z.string().min(1)).min(1).optional(),
    env: z.record(z.string(), z.string()).default({}),
    url: z.url({ protocol: /^https?$/ }).optional(),
    headers: z.record(z.string(), z.string()).default({}),
  })
  .refine(
    ({ command, url }) => (command === undefined) !== (url === undefined),
    "needs either a command or a url",
  );

const agentSchema = z.strictObject({
  command: z.array(z.string().min(1)).min(1).optional(),
  env: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/)).optional(),
  set: z.record(z.string(), z.string()).optional(),
  config_dir_env: z.string().optional(),
  asks_before_changes: z.boolean().optional(),
  /** What tells whether it works; else it is started and asked to shake hands. */
  probe: agentProbeSchema.optional(),
  /** Whether `session/new` takes `_meta.systemPrompt`; else a system prompt goes ahead of the first prompt. */
  takes_system_prompt: z.boolean().optional(),
  /** Sessions that each worker keeps ready for new channels. */
  standby: z.number().int().min(0).max(MOST_STANDBY).optional(),
});

/** `pilotlight.toml`, before environment and flags. Every section and key may be left out. */
export const configFileSchema = z.strictObject({
  redis: z
    .strictObject({
      url: z.string().min(1).optional(),
      fsync: z.enum(["everysec", "always"]).default("everysec"),
      /** How many replicas must have a prompt before it is accepted, and a turn before its agent hears of it. */
      min_replicas: count(0, 0, 10),
    })
    .prefault({}),
  http: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: z.number().int().min(0).max(65_535).default(7400),
      /** Host headers that are served besides loopback names and the listening address. */
      allowed_hosts: z.array(z.string()).default([]),
      /** Browser origins that may call; none by default. */
      allowed_origins: z.array(z.string()).default([]),
    })
    .prefault({}),
  acp: z
    .strictObject({
      agent: name.default("demo"),
      /** Understood for configurations of other tools; names the command of the default agent. */
      agent_binary: z.string().min(1).optional(),
      keep_alive_secs: secs(3600),
      /** How long before a due time its session is opened, where its schedule does not say. */
      pre_warm_secs: secs(300, 0, 86_400),
      /** How often each worker looks whether an agent works that it has heard nothing of. */
      probe_secs: secs(900),
      /** Sessions of the default agent that each worker keeps ready for new channels. */
      standby: count(1, 0, MOST_STANDBY),
      /** Directories in which the `cwd` of a channel may lie; none by default. */
      cwd_roots: z.array(z.string().min(1)).default([]),
      /** What becomes of a turn whose agent has hit its usage limit, where the channel does not say. */
      on_limit: z.enum(LIMIT_POLICIES).default("move"),
      /** Who answers when an agent asks whether it may do something, where the channel does not say. */
      permissions: z.enum(PERMISSION_POLICIES).default("ask"),
      /** How long a question waits for its answer, where the channel does not say; then it is rejected. */
      permission_secs: secs(600, 1, MOST_ASK_SECS),
      /** How long an "always" holds, where the channel does not say. */
      grant_secs: secs(28_800, 1, MOST_GRANT_SECS),
      /** What becomes of a turn whose worker or agent died, where neither prompt nor channel says. */
      on_interrupted: z.enum(INTERRUPTION_POLICIES).default("continue"),
    })
    .prefault({}),
  workers: z
    .strictObject({
      count: count(1, 0, 64),
      max_sessions: count(20, 1, 10_000),
      /** What all agents of a worker may take; beyond it idle sessions are closed and nothing is claimed. */
      memory_budget: byteSizeSchema.optional(),
      /** What the processes of one session may grow to; beyond it the session is closed between two turns. */
      session_memory: byteSizeSchema.prefault("4GiB"),
      /** How long a worker's leases outlive it when its machine is lost. */
      lease_ttl_secs: z.number().min(0.5).max(300).default(15),
      drain_secs: secs(60, 0),
      /** How agents end when worker and warden die together; `auto` is the strongest that the machine allows. */
      containment: z.enum(["auto", "namespace", "none"]).default("auto"),
    })
    .prefault({}),
  deadlines: z
    .strictObject({
      start_secs: secs(120),
      /** Silence of the agent within a turn. Agents retry silently for minutes, so this is long. */
      silence_secs: secs(900),
      turn_secs: secs(7200),
      cancel_secs: secs(10),
      probe_secs: secs(30),
    })
    .prefault({}),
  journal: z.strictObject({ retention_secs: secs(7 * 86_400) }).prefault({}),
  limits: z
    .strictObject({
      body_bytes: count(1_048_576, 1024, 64 * 1_048_576),
      prompt_bytes: count(262_144, 1, 16 * 1_048_576),
      queue_per_channel: count(1000, 1, 1_000_000),
      queue_total: count(100_000, 1, 10_000_000),
      sse_total: count(1000, 1, 100_000),
      /** Most entries that a channel's event log keeps. */
      events_per_channel: count(10_000, 100, 1_000_000),
      /** Most bytes of a turn's answer that its record keeps. */
      text_bytes: count(1_048_576, 1024, 64 * 1_048_576),
    })
    .prefault({}),
  board: z
    .strictObject({
      /** Where the board listens and the ingress finds it, as host:port; `up` chooses a free loopback port. */
      listen: z
        .string()
        .regex(/^[^:]+:\d{1,5}$/, "must be host:port")
        .optional(),
    })
    .prefault({}),
  /** Where prompts may have their events sent, and what signs them. */
  callbacks: callbacksSchema.prefault({}),
  log: z
    .strictObject({
      level: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
    })
    .prefault({}),
  data: z.strictObject({ dir: z.string().min(1).default("./.pilotlight") }).prefault({}),
  agents: z.record(name, agentSchema).default({}),
  mcp_servers: z.record(name, mcpServerSchema).default({}),
  /** What schedules may name to decide whether their agent is woken. */
  prechecks: z.record(name, precheckSchema).default({}),
});

export type ConfigFile = z.infer<typeof configFileSchema>;
