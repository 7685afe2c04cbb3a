import { type ChannelView, shortText } from "@pilotlight/contracts";
import { Command, InvalidArgumentError } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { duration, table } from "../table.ts";

interface ChannelsOptions extends ApiOptions {
  readonly limit: number;
}

const MOST = 10_000;
const PAGE = 200;

export function channelsCommand(): Command {
  return withApiOptions(new Command("channels"))
    .description("the channels that are known, the last used first")
    .option("--limit <n>", `how many, at most ${MOST}`, limitOf, 50)
    .action(async (options: ChannelsOptions) => {
      const client = clientOf(options);
      const channels: ChannelView[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listChannels({
          limit: Math.min(PAGE, options.limit - channels.length),
          ...(cursor === undefined ? {} : { cursor }),
        });
        channels.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined && channels.length < options.limit);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ items: channels })}\n`
          : channels.length === 0
            ? "no channel was used yet\n"
            : `${table(HEADER, channels.map(rowOf))}\n`,
      );
    });
}

const HEADER = ["CHANNEL", "TITLE", "AGENTS", "PRIORITY", "USED", "LAST", "SESSIONS", "WAITS FOR"];

function rowOf({ channel, settings, lastUsedAt, lastOutcome, sessions, blocked }: ChannelView) {
  return [
    channel,
    shortText(settings.title ?? "-", 30),
    settings.agents?.join(",") ?? "(default)",
    String(settings.priority ?? 0),
    lastUsedAt === undefined ? "never" : `${duration(Math.max(0, Date.now() - lastUsedAt))} ago`,
    lastOutcome?.state ?? "-",
    String(sessions.length),
    blocked === undefined
      ? "-"
      : `${blocked.reason}${blocked.until === undefined ? "" : ` until ${new Date(blocked.until).toISOString()}`}`,
  ];
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > MOST) {
    throw new InvalidArgumentError(`must be a whole number from 1 to ${MOST}`);
  }
  return limit;
}
