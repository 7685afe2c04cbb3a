import type { ChannelEvent } from "@pilotlight/contracts";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { OwnedChannel } from "../src/ownership/owned-channel.ts";
import { openTestChannels, type TestChannels } from "./open-test-channels.ts";
import { runPrompt, updateEvent } from "./run-prompt.ts";

let channels: TestChannels;
const abort = { current: new AbortController() };
beforeEach(async () => {
  channels = await openTestChannels();
  abort.current = new AbortController();
});
afterEach(async () => {
  abort.current.abort();
  await channels.close();
});

/** Reads until an event satisfies `last`. */
async function read(
  after: string,
  last: (event: ChannelEvent) => boolean,
): Promise<ChannelEvent[]> {
  const events: ChannelEvent[] = [];
  const { signal } = abort.current;
  for await (const some of channels.client.streamEvents("ops", { after, signal })) {
    events.push(...some);
    if (some.some(last)) {
      return events;
    }
  }
  return events;
}

const isNumber = (number: number) => (event: ChannelEvent) =>
  event.type === "update" && JSON.parse(event.data).number === number;

function numbersOf(events: readonly ChannelEvent[]): number[] {
  return events
    .filter((event) => event.type === "update")
    .map((event) => JSON.parse(event.data).number);
}

async function own(): Promise<OwnedChannel> {
  const worker = await channels.worker("w1");
  await channels.enqueue("ops", "p_1");
  const [owned] = await channels.claim(worker);
  if (owned === undefined) {
    throw new Error("nothing was claimed");
  }
  await owned.fetch();
  return owned;
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

it("gives a reader what was logged and what comes, each once and in order", async () => {
  const owned = await own();
  await owned.appendEvents(numbers(1, 30).map((n) => updateEvent("p_1", n)));
  const reading = read("0-0", isNumber(60));
  for (const n of numbers(31, 60)) {
    await owned.appendEvents([updateEvent("p_1", n)]);
  }
  expect(numbersOf(await reading)).toEqual(numbers(1, 60));
});

it("goes on after the last event id that a reader has seen", async () => {
  const owned = await own();
  await owned.appendEvents(numbers(1, 10).map((n) => updateEvent("p_1", n)));
  const first = await read("0-0", isNumber(4));
  const seen = first.find(isNumber(4))?.id ?? "";
  const rest = await read(seen, isNumber(10));
  expect(numbersOf(rest)).toEqual(numbers(5, 10));
});

it("counts a batch that was sent twice once", async () => {
  const owned = await own();
  await owned.appendEvents([updateEvent("p_1", 1)]);
  await channels.redis.evalsha(
    (await scriptSha("append-events")) ?? "",
    1,
    "{pl}:",
    "ops",
    "w1",
    owned.fence,
    "1",
    "100",
    "update",
    "p_1",
    '{"number":99}',
  );
  await owned.appendEvents([updateEvent("p_1", 2)]);
  expect(numbersOf(await read("0-0", isNumber(2)))).toEqual([1, 2]);
});

async function scriptSha(name: string): Promise<string> {
  const { createHash } = await import("node:crypto");
  const { scripts, commandName } = await import("../src/scripts.ts");
  const script = scripts.find((each) => each.name === commandName(name as "append-events"));
  return createHash("sha1")
    .update(script?.lua ?? "")
    .digest("hex");
}

it("says with a gap what the log no longer holds", async () => {
  const owned = await own();
  await owned.appendEvents([updateEvent("p_1", 1)]);
  const seen = (await read("0-0", isNumber(1))).find(isNumber(1))?.id ?? "";
  for (let i = 0; i < 5; i += 1) {
    await owned.appendEvents(numbers(2 + i * 100, 101 + i * 100).map((n) => updateEvent("p_1", n)));
  }
  const events = await read(seen, isNumber(501));
  expect(events[0]?.type).toBe("gap");
  expect(JSON.parse(events[0]?.data ?? "{}")).toMatchObject({ afterId: seen });
  const kept = numbersOf(events);
  expect(kept.at(-1)).toBe(501);
  expect(kept).toEqual(numbers(kept[0] ?? 0, 501));
});

it("goes on above the last id when the log was dropped, with a gap for what is gone", async () => {
  const owned = await own();
  await runPrompt(owned, "p_1", [updateEvent("p_1", 1)]);
  await channels.redis.del("{pl}:ev:ops");
  const gone = await read("0-1", (event) => event.type === "gap");
  expect(gone).toHaveLength(1);
  await channels.enqueue("ops", "p_2");
  const events = await read(gone[0]?.id ?? "", (event) => event.promptId === "p_2");
  expect(events.map((event) => event.type)).toEqual(["accepted"]);
});

it("reads what it missed while the connection was away", async () => {
  const owned = await own();
  const reading = read("0-0", isNumber(20));
  await owned.appendEvents([updateEvent("p_1", 1)]);
  for (const n of numbers(2, 20)) {
    if (n === 10) {
      await channels.redis.call("CLIENT", "KILL", "TYPE", "pubsub");
    }
    await owned.appendEvents([updateEvent("p_1", n)]);
  }
  expect(numbersOf(await reading)).toEqual(numbers(1, 20));
});
