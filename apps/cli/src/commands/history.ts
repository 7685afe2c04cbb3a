import type { PilotlightClient } from "@pilotlight/client";
import { PROMPT_STATES, type Prompt, type PromptState, shortText } from "@pilotlight/contracts";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { duration, table } from "../table.ts";

interface HistoryOptions extends ApiOptions {
  readonly limit: number;
  readonly state?: PromptState;
}

const MOST = 10_000;

export function historyCommand(): Command {
  return withApiOptions(new Command("history"))
    .description("a channel's prompts, newest first")
    .argument("<channel>")
    .option("--limit <n>", `how many, at most ${MOST}`, limitOf, 20)
    .addOption(new Option("--state <state>", "only those in this state").choices(PROMPT_STATES))
    .action(async (channel: string, options: HistoryOptions) => {
      const prompts = await readHistory(clientOf(options), channel, options);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ items: prompts })}\n`
          : prompts.length === 0
            ? `no prompts of ${channel} are kept\n`
            : `${table(HEADER, prompts.map(rowOf))}\n`,
      );
    });
}

/** A page of the API may be short and have a successor all the same. */
async function readHistory(
  client: PilotlightClient,
  channel: string,
  { limit, state }: HistoryOptions,
): Promise<Prompt[]> {
  const prompts: Prompt[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listPrompts({
      channel,
      limit: Math.min(200, limit - prompts.length),
      ...(state === undefined ? {} : { state }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    prompts.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && prompts.length < limit);
  return prompts;
}

const HEADER = [
  "ACCEPTED (UTC)",
  "STATE",
  "DELIVERY",
  "OPENED",
  "QUEUED",
  "FIRST",
  "TOOK",
  "ID",
  "PROMPT",
];

function rowOf(prompt: Prompt): string[] {
  const { queuedMs, firstTokenMs, totalMs } = prompt.timings;
  return [
    new Date(prompt.acceptedAt).toISOString().slice(0, 19).replace("T", " "),
    prompt.error === undefined ? prompt.state : `${prompt.state} (${prompt.error.code})`,
    prompt.delivery ?? "-",
    prompt.session?.opened ?? "-",
    ...[queuedMs, firstTokenMs, totalMs].map((ms) => (ms === undefined ? "-" : duration(ms))),
    prompt.id,
    shortText(prompt.prompt, 60),
  ];
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > MOST) {
    throw new InvalidArgumentError(`must be a whole number from 1 to ${MOST}`);
  }
  return limit;
}
