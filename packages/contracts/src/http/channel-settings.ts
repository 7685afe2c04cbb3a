import { z } from "zod";
import { AGENT_NAME_PATTERN } from "../agent-name.ts";
import { INTERRUPTION_POLICIES } from "../prompts/interruption.ts";
import { LIMIT_POLICIES } from "../prompts/limit-policy.ts";
import { PROMPT_MODES, STEER_FALLBACKS } from "../prompts/prompt-mode.ts";
import { channelPermissionsSchema } from "../questions/channel-permissions.ts";
import { visibleTextSchema } from "./visible-text.ts";

/** Who is served first where workers are short; higher comes first. */
export const MOST_PRIORITY = 9;

const MOST_AGENTS = 5;
const MOST_SYSTEM_PROMPT_CHARS = 32_768;
const MOST_OPTIONS = 20;
const MOST_SERVERS = 20;
const MOST_KEEP_ALIVE_SECS = 30 * 86_400;

/**
 * A command of its own would be run by whoever may set a channel: only servers that the configuration names. That it may
 * be an object as well only serves to say so.
 */
const mcpServerSchema = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .superRefine((given, context) => {
    const refuse = (code: string, message: string) =>
      context.addIssue({ code: "custom", params: { code }, message });
    if (typeof given === "object") {
      refuse("mcp_not_allowed", "is not taken over HTTP: name a server of the configuration");
    } else if (!AGENT_NAME_PATTERN.test(given)) {
      refuse("invalid_value", "must be the name of a server of the configuration");
    }
  })
  .transform(String);

/**
 * The body of `PUT /v1/channels/:channel`: all settings of the channel. What is left out has its default again.
 */
export const channelSettingsSchema = z.strictObject({
  title: visibleTextSchema(200).optional(),
  priority: z.number().int().min(0).max(MOST_PRIORITY).optional(),
  /** Names of agents, the preferred one first; the next ones take over where it cannot. */
  agents: z
    .array(z.string().max(40))
    .min(1)
    .max(MOST_AGENTS)
    .refine((names) => new Set(names).size === names.length, "names an agent twice")
    .optional(),
  /** The agent's working directory, inside one of `[acp] cwd_roots`; default: one of the channel's own. */
  cwd: z.string().min(1).max(4096).optional(),
  /** Told once to each new session. */
  systemPrompt: z.string().min(1).max(MOST_SYSTEM_PROMPT_CHARS).optional(),
  /** One of the agent's modes (`session/set_mode`). */
  agentMode: z.string().min(1).max(100).optional(),
  /** Options of the agent by their ids (`session/set_config_option`), as `{"model": "opus"}`. */
  agentConfig: z
    .record(z.string().min(1).max(100), z.union([z.string().max(1000), z.boolean()]))
    .refine((options) => Object.keys(options).length <= MOST_OPTIONS, `more than ${MOST_OPTIONS}`)
    .optional(),
  /** Names of `[mcp_servers]` of the configuration. */
  mcpServers: z.array(mcpServerSchema).max(MOST_SERVERS).optional(),
  /** Who answers when the agent asks whether it may do something. */
  permissions: channelPermissionsSchema.optional(),
  /** What a prompt that does not say does where a turn runs already; default `queue`. */
  mode: z.enum(PROMPT_MODES).optional(),
  /** What a prompt of mode `steer` does where the agent takes nothing into a running turn; default `queue`. */
  steerFallback: z.enum(STEER_FALLBACKS).optional(),
  /**
   * Prompts of mode `collect` wait until none has come for so long, the first one at most five times that; default 2.
   */
  collectSecs: z.number().min(0.1).max(60).optional(),
  /** So many of them become one turn at most; default 20. */
  collectMost: z.number().int().min(2).max(50).optional(),
  keepAliveSecs: z.number().min(1).max(MOST_KEEP_ALIVE_SECS).optional(),
  onInterrupted: z.enum(INTERRUPTION_POLICIES).optional(),
  /** Where an agent has hit its usage limit: wait for its reset, or go on with the next of `agents`. */
  onLimit: z.enum(LIMIT_POLICIES).optional(),
});
export type ChannelSettings = z.infer<typeof channelSettingsSchema>;

/** Why nothing of a channel is run at the moment. */
export const CHANNEL_BLOCKS = ["decision", "quota", "degraded"] as const;

export const channelBlockSchema = z.object({
  reason: z.enum(CHANNEL_BLOCKS),
  /** Says it to a person. */
  detail: z.string().optional(),
  /** The prompt that holds it, where one does. */
  promptId: z.string().optional(),
  /** Unix milliseconds; `until` where it goes on by itself then. */
  since: z.number(),
  until: z.number().optional(),
});
export type ChannelBlock = z.infer<typeof channelBlockSchema>;

/** An earlier session of a channel's conversation. `end` says how it ended, where that is known. */
const channelSessionViewSchema = z.object({
  id: z.string(),
  agent: z.string(),
  end: z.string().optional(),
});

/** `GET /v1/channels/:channel`. Times are Unix milliseconds. */
export const channelViewSchema = z.object({
  channel: z.string(),
  settings: channelSettingsSchema,
  /** When its last prompt was accepted. */
  lastUsedAt: z.number().optional(),
  /** Its prompt that ended last. */
  lastOutcome: z.object({ state: z.string(), promptId: z.string() }).optional(),
  blocked: channelBlockSchema.optional(),
  /** Name of a workspace that was adopted with a standby session; its own one otherwise. */
  workspace: z.string().optional(),
  /** Newest first. */
  sessions: z.array(channelSessionViewSchema),
});
export type ChannelView = z.infer<typeof channelViewSchema>;
