import { isFinalPromptState } from "@pilotlight/contracts";
import type { History, SeenEvent, SeenStream } from "./history.ts";
import type { Violation } from "./violation.ts";

/** Every reader is told each event of its channel once, in order; what it is not told is named by a `gap`. */
export function findStreamViolations(history: History): Violation[] {
  return history.streams.flatMap((stream, reader) => {
    const log = history.logs[stream.channel] ?? [];
    return [
      ...sequence(stream),
      ...missed(stream, log),
      ...invented(stream, log),
      ...ends(stream, history),
      ...texts(stream, history),
    ].map(
      ({ invariant, what }): Violation => ({
        invariant,
        what: `reader ${reader} of ${stream.channel}: ${what}`,
      }),
    );
  });
}

/** Ids grow. */
function sequence({ events, from }: SeenStream): Violation[] {
  const seen = new Set<string>();
  let last = from;
  return events.flatMap(({ id, type, connection }): Violation[] => {
    const at = `${type} ${id} over connection ${connection}`;
    if (seen.has(id)) {
      return [{ invariant: "stream-repeated", what: `${at} came before` }];
    }
    seen.add(id);
    if (compareIds(id, last) <= 0) {
      return [{ invariant: "stream-order", what: `${at} came after ${last}` }];
    }
    last = id;
    return [];
  });
}

/** What is in the log behind the reader's start was told, or lies in a gap that was. */
function missed({ events, from }: SeenStream, log: readonly string[]): Violation[] {
  const told = new Set(events.map(({ id }) => id));
  const gaps = events.filter(({ type }) => type === "gap");
  const silent = log.filter(
    (id) => compareIds(id, from) > 0 && !told.has(id) && !gaps.some((gap) => isWithin(gap, id)),
  );
  return some("stream-missed", "events were never told", silent);
}

/** What was told is in the log, as far back as that goes, and up to when it was read. */
function invented({ events }: SeenStream, log: readonly string[]): Violation[] {
  const [oldest, newest] = [log[0], log.at(-1)];
  if (oldest === undefined || newest === undefined) {
    return [];
  }
  const logged = new Set(log);
  const foreign = events
    .filter(({ id, type }) => type !== "gap" && !logged.has(id))
    .filter(({ id }) => compareIds(id, oldest) >= 0 && compareIds(id, newest) <= 0)
    .map(({ id, type }) => `${type} ${id}`);
  return some("stream-invented", "events are in no log", foreign);
}

/** Without regard to any log: whose acceptance was told, its end was told too. */
function ends({ channel, events }: SeenStream, { accepted, records }: History): Violation[] {
  if (events.some(({ type }) => type === "gap")) {
    return [];
  }
  const told = new Set(events.map(({ type, promptId }) => `${type} ${promptId}`));
  const silent = accepted
    .filter((prompt) => prompt.channel === channel)
    .flatMap(({ id, key }) => {
      const state = records[id]?.state ?? "accepted";
      return ["accepted", ...(isFinalPromptState(state) ? [state] : [])]
        .filter((type) => !told.has(`${type} ${id}`))
        .map((type) => `${key} (${id}) is ${type}`);
    });
  return some("stream-missed", "states were never told", silent);
}

/** Who followed a turn read what its record keeps. A batch that was appended twice shows here, under ids of its own. */
function texts({ channel, events, texts }: SeenStream, { records }: History): Violation[] {
  if (events.some(({ type }) => type === "gap")) {
    return [];
  }
  return Object.values(records)
    .filter((record) => record.channel === channel && record.state === "completed")
    .flatMap(({ id, turn, text = "" }): Violation[] => {
      const read = texts[turn?.id ?? id] ?? "";
      const what = `${id} was streamed as ${JSON.stringify(read)} and recorded as ${JSON.stringify(text)}`;
      // A prompt that was taken in has the turn's text from there on.
      return (turn === undefined ? read === text : read.endsWith(text))
        ? []
        : [{ invariant: "stream-text", what }];
    });
}

/** One violation for however many: the first tells where to look. */
function some(
  invariant: Violation["invariant"],
  what: string,
  found: readonly string[],
): Violation[] {
  return found.length === 0
    ? []
    : [{ invariant, what: `${found.length} ${what}, the first: ${found[0]}` }];
}

function isWithin(gap: SeenEvent, id: string): boolean {
  return compareIds(id, gap.afterId ?? "") > 0 && compareIds(id, gap.id) <= 0;
}

/** Ids are `<ms>-<number>`. */
function compareIds(a: string, b: string): number {
  const [aMs = 0, aNumber = 0] = a.split("-").map(Number);
  const [bMs = 0, bNumber = 0] = b.split("-").map(Number);
  return aMs - bMs || aNumber - bNumber;
}
