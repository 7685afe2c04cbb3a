import {
  type ChannelSettings,
  INTERRUPTION_POLICIES,
  LIMIT_POLICIES,
  PERMISSION_POLICIES,
  PROMPT_MODES,
  STEER_FALLBACKS,
} from "@pilotlight/contracts";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { UsageError } from "../usage-error.ts";
import { changePermissions, collectRule, type PermissionOptions } from "./channel-permissions.ts";

interface SetOptions extends ApiOptions, PermissionOptions {
  readonly title?: string;
  readonly agents?: string[];
  readonly priority?: number;
  readonly cwd?: string;
  readonly systemPrompt?: string;
  readonly agentMode?: string;
  readonly mode?: ChannelSettings["mode"];
  readonly steerFallback?: ChannelSettings["steerFallback"];
  readonly collectSecs?: number;
  readonly collectMost?: number;
  readonly option?: Record<string, string | boolean>;
  readonly mcp?: string[];
  readonly keepAlive?: number;
  readonly onInterrupted?: ChannelSettings["onInterrupted"];
  readonly onLimit?: ChannelSettings["onLimit"];
  readonly unset?: string[];
}

export function channelCommand(): Command {
  const command = new Command("channel").description("show, set or forget one channel");
  for (const part of [showCommand(), setCommand(), forgetCommand()]) {
    command.addCommand(part.exitOverride());
  }
  return command;
}

function showCommand(): Command {
  return withApiOptions(new Command("show"))
    .description("a channel's settings, sessions, and what holds it")
    .argument("<channel>")
    .action(async (channel: string, options: ApiOptions) => {
      const view = await clientOf(options).getChannel(channel);
      process.stdout.write(`${JSON.stringify(view, null, options.json ? 0 : 2)}\n`);
    });
}

function setCommand(): Command {
  return withApiOptions(new Command("set"))
    .description("change some of a channel's settings; the others stay as they are")
    .argument("<channel>")
    .option("--title <text>", "what people call it")
    .option("--agents <names>", "agents in the order of preference, as claude,codex", namesOf)
    .option("--priority <n>", "0 to 9: who is served and kept first", wholeNumber)
    .option("--cwd <dir>", "the agent's working directory, inside of [acp] cwd_roots")
    .option("--system-prompt <text>", "told once to each new session")
    .option("--agent-mode <name>", "one of the agent's modes")
    .option("--option <key=value>", "an option of the agent, may be repeated", collectOption)
    .option("--mcp <names>", "tool servers of the configuration", namesOf)
    .addOption(
      new Option("--permissions <policy>", "who answers when the agent asks").choices(
        PERMISSION_POLICIES,
      ),
    )
    .option(
      "--allow <rule>",
      "what is allowed without asking, as kind=edit,path=src/**; may be repeated, in place of all before",
      collectRule,
    )
    .option("--deny <rule>", "what is never allowed; the same", collectRule)
    .option("--ask-secs <secs>", "how long a question waits for its answer", wholeNumber)
    .option("--grant-secs <secs>", "how long an answer of always holds", wholeNumber)
    .addOption(
      new Option("--mode <mode>", "what its prompts do where a turn runs already").choices(
        PROMPT_MODES,
      ),
    )
    .addOption(
      new Option(
        "--steer-fallback <mode>",
        "what becomes of --mode steer where the agent takes nothing into a running turn",
      ).choices(STEER_FALLBACKS),
    )
    .option("--collect-secs <secs>", "how long --mode collect waits for the next prompt", seconds)
    .option("--collect-most <n>", "how many prompts become one turn at most", wholeNumber)
    .option("--keep-alive <secs>", "how long an idle session stays warm", wholeNumber)
    .addOption(
      new Option("--on-interrupted <policy>", "a turn whose worker or agent died").choices(
        INTERRUPTION_POLICIES,
      ),
    )
    .addOption(
      new Option("--on-limit <policy>", "an agent whose usage limit is hit").choices(
        LIMIT_POLICIES,
      ),
    )
    .option("--unset <settings>", "give them their defaults again, as title,cwd", namesOf)
    .action(async (channel: string, options: SetOptions) => {
      const client = clientOf(options);
      const { settings } = await client.getChannel(channel);
      const permissions = changePermissions(settings.permissions, options);
      const next = {
        ...settings,
        ...settingsOf(options),
        ...(permissions === undefined ? {} : { permissions }),
      };
      for (const name of options.unset ?? []) {
        if (!(name in next)) {
          throw new UsageError(`--unset: ${name} is not set on channel ${channel}`);
        }
        delete next[name as keyof ChannelSettings];
      }
      const view = await client.setChannel(channel, next);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(view)}\n`
          : `${channel}: ${JSON.stringify(view.settings)}\n`,
      );
    });
}

function forgetCommand(): Command {
  return withApiOptions(new Command("rm"))
    .description("forget a channel's settings and sessions; its files stay")
    .argument("<channel>")
    .action(async (channel: string, options: ApiOptions) => {
      await clientOf(options).forgetChannel(channel);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ channel, forgotten: true })}\n`
          : `${channel}: forgotten\n`,
      );
    });
}

function settingsOf(options: SetOptions): ChannelSettings {
  const { title, agents, priority, cwd, systemPrompt } = options;
  const { agentMode, option, mcp, keepAlive, onInterrupted, onLimit } = options;
  const { mode, steerFallback, collectSecs, collectMost } = options;
  const given = {
    title,
    agents,
    priority,
    cwd,
    systemPrompt,
    onInterrupted,
    onLimit,
    agentMode,
    mode,
    steerFallback,
    collectSecs,
    collectMost,
    agentConfig: option,
    mcpServers: mcp,
    keepAliveSecs: keepAlive,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function namesOf(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError("must be a whole number");
  }
  return Number(text);
}

function seconds(text: string): number {
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(text)) {
    throw new InvalidArgumentError("must be seconds, as 2 or 0.5");
  }
  return Number(text);
}

function collectOption(
  text: string,
  before: Record<string, string | boolean> = {},
): Record<string, string | boolean> {
  const at = text.indexOf("=");
  if (at < 1) {
    throw new InvalidArgumentError("must be key=value");
  }
  const value = text.slice(at + 1);
  return {
    ...before,
    [text.slice(0, at)]: /^(true|false)$/.test(value) ? value === "true" : value,
  };
}
