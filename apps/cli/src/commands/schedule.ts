import {
  INTERRUPTION_POLICIES,
  MISFIRE_POLICIES,
  type Occurrence,
  OVERLAP_POLICIES,
  PERMISSION_POLICIES,
  type ScheduleRequest,
  type ScheduleView,
  shortText,
} from "@pilotlight/contracts";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { duration, table } from "../table.ts";

interface SetOptions extends ApiOptions {
  readonly cron?: string;
  readonly tz?: string;
  readonly every?: number;
  readonly at?: string;
  readonly preWarm?: number | "auto";
  readonly misfire?: ScheduleRequest["misfire"];
  readonly misfireLimit?: number;
  readonly overlap?: ScheduleRequest["overlap"];
  readonly quiet?: ScheduleRequest["quietHours"];
  readonly jitter?: number;
  readonly startAt?: string;
  readonly endAt?: string;
  readonly maxRuns?: number;
  readonly failureLimit?: number;
  readonly permissions?: ScheduleRequest["permissions"];
  readonly onInterrupted?: ScheduleRequest["onInterrupted"];
  readonly idempotent?: boolean;
  readonly precheck?: string;
}

interface HistoryOptions extends ApiOptions {
  readonly limit: number;
}

const PAGE = 200;
const MOST = 10_000;

/** Prompts that come by themselves. */
export function scheduleCommand(): Command {
  const command = new Command("schedule").description("prompts that are due by themselves");
  const parts = [
    lsCommand(),
    setCommand(),
    showCommand(),
    rmCommand(),
    runCommand(),
    turnCommand("pause", "skip its due times until it goes on"),
    turnCommand("resume", "let it go on"),
    historyCommand(),
  ];
  for (const part of parts) {
    command.addCommand(part.exitOverride());
  }
  return command;
}

function lsCommand(): Command {
  return withApiOptions(new Command("ls"))
    .description("all schedules")
    .action(async (options: ApiOptions) => {
      const schedules = await readPages(MOST, (page) => clientOf(options).listSchedules(page));
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ items: schedules })}\n`
          : schedules.length === 0
            ? "there are no schedules\n"
            : `${table(LS_HEADER, schedules.map(lsRow))}\n`,
      );
    });
}

const LS_HEADER = ["SCHEDULE", "STATE", "WHEN", "NEXT (UTC)", "RUNS", "CHANNEL", "PROMPT"];

function lsRow({ id, state, pausedReason, definition, nextAt, runs }: ScheduleView): string[] {
  return [
    id,
    pausedReason === undefined ? state : `${state} (${shortText(pausedReason, 40)})`,
    whenOf(definition),
    nextAt === undefined ? "-" : utc(nextAt),
    String(runs),
    definition.channel,
    shortText(definition.prompt, 50),
  ];
}

function whenOf({ cron, tz, everySecs, at }: ScheduleView["definition"]): string {
  if (cron !== undefined) {
    return tz === undefined ? cron : `${cron} ${tz}`;
  }
  return everySecs === undefined ? (at ?? "-") : `every ${everySecs} s`;
}

function setCommand(): Command {
  return withApiOptions(new Command("set"))
    .description("set all of a schedule; what is left out has its default")
    .argument("<id>")
    .argument("<channel>")
    .argument("<prompt>")
    .option("--cron <expression>", "five fields, or six with seconds in front, or @daily")
    .option("--tz <zone>", "the clock of --cron (default UTC)")
    .option("--every <secs>", "an interval", wholeNumber)
    .option("--at <time>", "once, as 2031-05-01T09:00:00Z")
    .option("--pre-warm <secs|auto>", "how long before it the session is opened", leadOf)
    .addOption(
      new Option("--misfire <policy>", "due times that nobody could see to").choices(
        MISFIRE_POLICIES,
      ),
    )
    .option("--misfire-limit <n>", "most that fire with --misfire all", wholeNumber)
    .addOption(
      new Option("--overlap <policy>", "an earlier prompt of it is not finished").choices(
        OVERLAP_POLICIES,
      ),
    )
    .option(
      "--quiet <hours>",
      "hours in which nothing fires, as 22:00-07:00@Europe/Berlin",
      quietOf,
    )
    .option("--jitter <secs>", "by how much due times are moved at most", wholeNumber)
    .option("--start-at <time>", "not due before it, as 2031-05-01T09:00:00Z")
    .option("--end-at <time>", "not due after it")
    .option("--max-runs <n>", "how often it fires altogether", wholeNumber)
    .option("--failure-limit <n>", "so many failures in a row pause it", wholeNumber)
    .addOption(
      new Option("--permissions <policy>", "what an agent that asks is answered").choices(
        PERMISSION_POLICIES,
      ),
    )
    .option("--precheck <name>", "one of the configuration: whether the agent is woken at all")
    .addOption(
      new Option("--on-interrupted <policy>", "a turn whose worker or agent died").choices(
        INTERRUPTION_POLICIES,
      ),
    )
    .option("--idempotent", "sending its prompt twice does no harm")
    .action(async (id: string, channel: string, prompt: string, options: SetOptions) => {
      const view = await clientOf(options).setSchedule(id, requestOf(channel, prompt, options));
      const times = view.next.map(utc).join(", ");
      process.stdout.write(
        options.json ? `${JSON.stringify(view)}\n` : `${id}: due (UTC) ${times}\n`,
      );
    });
}

function requestOf(channel: string, prompt: string, options: SetOptions): ScheduleRequest {
  const { cron, tz, at, misfire, misfireLimit, overlap, startAt, endAt, maxRuns } = options;
  const { failureLimit, permissions, onInterrupted, idempotent, precheck } = options;
  const given = {
    cron,
    tz,
    everySecs: options.every,
    at,
    preWarmSecs: options.preWarm,
    misfire,
    misfireLimit,
    overlap,
    quietHours: options.quiet,
    jitterSecs: options.jitter,
    startAt,
    endAt,
    maxRuns,
    failureLimit,
    permissions,
    onInterrupted,
    idempotent,
    precheck,
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { channel, prompt, ...Object.fromEntries(set) };
}

function showCommand(): Command {
  return withApiOptions(new Command("show"))
    .description("a schedule, its next due times, and how it went so far")
    .argument("<id>")
    .action(async (id: string, options: ApiOptions) => {
      const view = await clientOf(options).getSchedule(id);
      process.stdout.write(`${JSON.stringify(view, null, options.json ? 0 : 2)}\n`);
    });
}

function rmCommand(): Command {
  return withApiOptions(new Command("rm"))
    .description("remove a schedule; what it enqueued is run")
    .argument("<id>")
    .action(async (id: string, options: ApiOptions) => {
      await clientOf(options).removeSchedule(id);
      process.stdout.write(
        options.json ? `${JSON.stringify({ id, removed: true })}\n` : `${id}: removed\n`,
      );
    });
}

function runCommand(): Command {
  return withApiOptions(new Command("run"))
    .description("fire now, whatever the schedule says about that")
    .argument("<id>")
    .action(async (id: string, options: ApiOptions) => {
      const occurrence = await clientOf(options).runSchedule(id);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(occurrence)}\n`
          : `${occurrence.outcome}: ${occurrence.promptId ?? occurrence.reason}\n`,
      );
    });
}

function turnCommand(way: "pause" | "resume", description: string): Command {
  return withApiOptions(new Command(way))
    .description(description)
    .argument("<id>")
    .action(async (id: string, options: ApiOptions) => {
      const client = clientOf(options);
      const view =
        way === "pause" ? await client.pauseSchedule(id) : await client.resumeSchedule(id);
      process.stdout.write(options.json ? `${JSON.stringify(view)}\n` : `${id}: ${view.state}\n`);
    });
}

function historyCommand(): Command {
  return withApiOptions(new Command("history"))
    .description("what became of its due times, newest first")
    .argument("<id>")
    .option("--limit <n>", `how many, at most ${MOST}`, wholeNumber, 20)
    .action(async (id: string, options: HistoryOptions) => {
      const rows = await readPages(Math.min(MOST, options.limit), (page) =>
        clientOf(options).listOccurrences(id, page),
      );
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ items: rows })}\n`
          : rows.length === 0
            ? "it was not due yet\n"
            : `${table(HISTORY_HEADER, rows.map(historyRow))}\n`,
      );
    });
}

const HISTORY_HEADER = ["DUE (UTC)", "OUTCOME", "LATE", "STARTED", "OPENED", "PROMPT"];

function historyRow(row: Occurrence): string[] {
  const { dueAt, through, trigger, outcome, reason, detail, latenessMs, startMs, opened } = row;
  const why = detail === undefined ? reason : `${reason} (${shortText(detail, 60)})`;
  const what = why === undefined ? outcome : `${outcome}: ${why}`;
  return [
    through === undefined ? utc(dueAt) : `${utc(dueAt)} to ${utc(through)}`,
    trigger === "run" ? `${what} (by hand)` : what,
    ...[latenessMs, startMs].map((ms) => (ms === undefined ? "-" : duration(ms))),
    opened ?? "-",
    row.promptId ?? "-",
  ];
}

async function readPages<T>(
  most: number,
  read: (page: {
    limit: number;
    cursor?: string;
  }) => Promise<{ items: readonly T[]; nextCursor?: string | undefined }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, most - items.length);
    const page = await read(cursor === undefined ? { limit } : { limit, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < most);
  return items;
}

function utc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    throw new InvalidArgumentError("must be a whole number from 1 on");
  }
  return Number(text);
}

function leadOf(text: string): number | "auto" {
  if (text === "auto" || text === "0") {
    return text === "auto" ? text : 0;
  }
  return wholeNumber(text);
}

function quietOf(text: string): ScheduleRequest["quietHours"] {
  const [, from, to, tz] = /^(\d\d:\d\d)-(\d\d:\d\d)(?:@(.+))?$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    throw new InvalidArgumentError("must be as 22:00-07:00@Europe/Berlin");
  }
  return tz === undefined ? { from, to } : { from, to, tz };
}
