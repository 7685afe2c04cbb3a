import { describe, expect, it } from "vitest";
import { channelSettingsSchema } from "./channel-settings.ts";
import { scheduleRequestSchema } from "./schedule.ts";

const names = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`);
const options = (count: number) => Object.fromEntries(names(count).map((name) => [name, true]));
const text = (chars: number) => "x".repeat(chars);

/** What is limited, the smallest and the largest that is taken, and a value of such a size. */
type Limited = readonly [string, number, number, (size: number) => object];

const CHANNEL: readonly Limited[] = [
  ["priority", 0, 9, (priority) => ({ priority })],
  ["agents", 1, 5, (count) => ({ agents: names(count) })],
  ["title", 1, 200, (chars) => ({ title: text(chars) })],
  ["cwd", 1, 4096, (chars) => ({ cwd: text(chars) })],
  ["systemPrompt", 1, 32_768, (chars) => ({ systemPrompt: text(chars) })],
  ["agentMode", 1, 100, (chars) => ({ agentMode: text(chars) })],
  ["options", 0, 20, (count) => ({ agentConfig: options(count) })],
  ["an option's name", 1, 100, (chars) => ({ agentConfig: { [text(chars)]: "y" } })],
  ["an option's value", 0, 1000, (chars) => ({ agentConfig: { model: text(chars) } })],
  ["mcpServers", 0, 20, (count) => ({ mcpServers: names(count) })],
  ["keepAliveSecs", 1, 30 * 86_400, (keepAliveSecs) => ({ keepAliveSecs })],
];

const due = (rest: object) => ({ channel: "ops", prompt: "hello", cron: "0 9 * * *", ...rest });
const SCHEDULE: readonly Limited[] = [
  ["everySecs", 1, 366 * 86_400, (everySecs) => due({ cron: undefined, everySecs })],
  ["cron", 1, 200, (chars) => due({ cron: text(chars) })],
  ["tz", 1, 64, (chars) => due({ tz: text(chars) })],
  ["preWarmSecs", 0, 86_400, (preWarmSecs) => due({ preWarmSecs })],
  ["misfireLimit", 1, 100, (misfireLimit) => due({ misfireLimit })],
  ["jitterSecs", 0, 3600, (jitterSecs) => due({ jitterSecs })],
  ["maxRuns", 1, 1_000_000_000, (maxRuns) => due({ maxRuns })],
  ["failureLimit", 1, 1000, (failureLimit) => due({ failureLimit })],
];

describe.each([
  ["a channel", channelSettingsSchema, CHANNEL],
  ["a schedule", scheduleRequestSchema, SCHEDULE],
] as const)("the bounds of %s", (_, schema, limited) => {
  it.each(limited)("%s: %d to %d, and nothing beside", (_name, least, most, sized) => {
    const isTaken = (size: number) => schema.safeParse(sized(size)).success;
    const inside = [least, least + 1, most - 1, most];
    expect(inside.filter((size) => !isTaken(size))).toEqual([]);
    const outside = [least - 1, most + 1].filter((size) => size >= 0);
    expect(outside.filter(isTaken)).toEqual([]);
  });
});
