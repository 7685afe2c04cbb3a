import type { Prompt } from "@pilotlight/contracts";
import { describe, expect, it } from "vitest";
import { findViolations } from "./find-violations.ts";
import type { AcceptedPrompt, History, LedgerLine, SeenEvent } from "./history.ts";

const accepted = (number: number): AcceptedPrompt => ({
  id: `p_${number}`,
  channel: "c0",
  key: `c0-${number}`,
  number,
  seq: number,
});
const record = (number: number, change: Partial<Prompt> = {}): Prompt => ({
  id: `p_${number}`,
  channel: "c0",
  state: "completed",
  seq: number,
  prompt: "x",
  surface: "api",
  acceptedAt: 0,
  attempts: [],
  timings: {},
  text: `done ${number}`,
  ...change,
});
const line = (number: number, change: Partial<LedgerLine> = {}): LedgerLine => ({
  channel: "c0",
  id: `c0-${number}`,
  atMs: number * 1000,
  tree: "o1/t1",
  ...change,
});
const event = (number: number, change: Partial<SeenEvent> = {}): SeenEvent => ({
  connection: 1,
  id: `${number}-0`,
  type: "update",
  ...change,
});
/** The reader's events, with some replaced by others. */
const told = (at: number, count: number, ...events: SeenEvent[]) => ({
  streams: CLEAN.streams.map((stream) => ({
    ...stream,
    events: stream.events.toSpliced(at, count, ...events),
  })),
});
const attempt = { worker: "w", fence: 1, at: 0 };

const CLEAN: History = {
  leaseTtlMs: 3000,
  accepted: [1, 2, 3].map(accepted),
  records: { p_1: record(1), p_2: record(2), p_3: record(3) },
  ledger: [1, 2, 3].map((n) => line(n)),
  orphans: [{ after: "kill-pair", tookMs: 2000, pids: [] }],
  freezes: [{ owner: "frozen", fromMs: 2000, untilMs: 8000 }],
  streams: [
    {
      channel: "c0",
      from: "0-0",
      connections: 1,
      texts: { p_1: "done 1", p_2: "done 2", p_3: "done 3" },
      events: [1, 2, 3].flatMap((number) => [
        event(number * 10, { type: "accepted", promptId: `p_${number}` }),
        event(number * 10 + 5, { type: "completed", promptId: `p_${number}` }),
      ]),
    },
  ],
  logs: { c0: ["10-0", "15-0", "20-0", "25-0", "30-0", "35-0"] },
};
const found = (change: Partial<History>) =>
  findViolations({ ...CLEAN, ...change }).map(({ invariant }) => invariant);
/** One record differs, and its end was told as it is. */
const withRecord = (number: number, change: Partial<Prompt>) => ({
  records: { ...CLEAN.records, [`p_${number}`]: record(number, change) },
  streams: CLEAN.streams.map((stream) => ({
    ...stream,
    events: stream.events.map((told) =>
      told.id === `${number}5-0` ? { ...told, type: change.state ?? told.type } : told,
    ),
  })),
});

it("finds nothing in a clean history", () => {
  expect(found({})).toEqual([]);
});

describe("a planted violation is found:", () => {
  it("a prompt that is not finished", () => {
    expect(found(withRecord(2, { state: "running" }))).toEqual(["lost"]);
  });

  it("a prompt that nobody knows any more", () => {
    const { p_2: _, ...records } = CLEAN.records;
    expect(found({ records })).toEqual(["lost"]);
  });

  it("two turns of a channel at once", () => {
    const error = { code: "agent_error", message: "overlap: c0 is held by another turn" };
    expect(found(withRecord(2, { state: "failed", error }))).toEqual(["overlap"]);
  });

  it("a turn that failed for no reason of the campaign", () => {
    const error = { code: "internal", message: "?" };
    expect(found(withRecord(2, { state: "failed", error }))).toEqual(["failed"]);
  });

  it("prompts that ran in another order", () => {
    expect(found({ ledger: [1, 3, 2].map((n) => line(n)) })).toEqual(["order"]);
  });

  it("an effect that came twice", () => {
    expect(found({ ledger: [1, 2, 2, 3].map((n) => line(n)) })).toEqual(["repeated"]);
  });

  it("an effect that came twice after a continuation", () => {
    const attempts = [attempt, { ...attempt, recovery: "continue" as const }];
    const change = withRecord(2, { attempts });
    expect(found({ ...change, ledger: [1, 2, 2, 3].map((n) => line(n)) })).toEqual(["repeated"]);
  });

  it("a completed prompt that did nothing", () => {
    expect(found({ ledger: [1, 3].map((n) => line(n)) })).toEqual(["undone"]);
  });

  it("two turns of a channel at once, one of them on a host that did not stand still any more", () => {
    const error = {
      code: "agent_error",
      message: "overlap: c0 is held by another turn: frozen/t1",
    };
    const change = { state: "failed" as const, error, attempts: [{ ...attempt, at: 8500 }] };
    expect(found(withRecord(2, change))).toEqual(["overlap"]);
  });

  it("an effect that came twice, the second time long after its host woke up", () => {
    const late = line(2, { tree: "frozen/t1", atMs: 9000 });
    expect(found({ ledger: [...CLEAN.ledger, late] })).toEqual(["repeated"]);
  });

  it("an effect that came twice after a host stood still for too short a time to lose its leases", () => {
    const freezes = [{ owner: "frozen", fromMs: 7000, untilMs: 8000 }];
    const late = line(2, { tree: "frozen/t1", atMs: 8040 });
    expect(found({ freezes, ledger: [...CLEAN.ledger, late] })).toEqual(["repeated"]);
  });

  it("a prompt that was cancelled for no other", () => {
    expect(found(withRecord(2, { state: "cancelled" }))).toEqual(["cancelled"]);
  });

  it("an answer that is not the end of that of its turn", () => {
    const change = withRecord(2, { turn: { id: "p_1" }, text: "done 2" });
    expect(found(change)).toEqual(["stream-text"]);
  });

  it("an event that came twice", () => {
    expect(found(told(2, 0, event(15)))).toEqual(["stream-repeated"]);
  });

  it("an event that came after a later one", () => {
    const {
      logs: { c0 = [] },
    } = CLEAN;
    expect(found({ ...told(2, 0, event(12)), logs: { c0: [...c0, "12-0"] } })).toEqual([
      "stream-order",
    ]);
  });

  it("an event that was passed over in silence", () => {
    const {
      logs: { c0 = [] },
    } = CLEAN;
    expect(found({ logs: { c0: [...c0, "36-0"] } })).toEqual(["stream-missed"]);
  });

  it("an end that was passed over in silence, when its log is gone", () => {
    expect(found({ ...told(3, 1), logs: {} })).toEqual(["stream-missed"]);
  });

  it("an event that a gap does not reach", () => {
    const gap = event(25, { type: "gap", afterId: "15-0" });
    const {
      logs: { c0 = [] },
    } = CLEAN;
    expect(found({ ...told(2, 2, gap), logs: { c0: [...c0, "26-0"] } })).toEqual(["stream-missed"]);
  });

  it("a part of an answer that was streamed twice", () => {
    const texts = { p_1: "done 1", p_2: "done done 2", p_3: "done 3" };
    const streams = CLEAN.streams.map((stream) => ({ ...stream, texts }));
    expect(found({ streams })).toEqual(["stream-text"]);
  });

  it("an event that is in no log", () => {
    expect(found(told(2, 0, event(16)))).toEqual(["stream-invented"]);
  });

  it("a process that outlived its worker", () => {
    expect(found({ orphans: [{ after: "kill-pair", tookMs: 2000, pids: [7] }] })).toEqual([
      "orphan",
    ]);
  });
});

it("lets a repeated effect pass where a rerun is on the record", () => {
  const attempts = [attempt, { ...attempt, recovery: "rerun" as const }];
  const change = withRecord(2, { attempts });
  expect(found({ ...change, ledger: [1, 2, 2, 3].map((n) => line(n)) })).toEqual([]);
});

it("lets pass what steers, interrupts, or is cancelled for another", () => {
  const ledger = [1, 3, 2].map((n) => line(n));
  expect(found({ ...withRecord(3, { mode: "interrupt" }), ledger })).toEqual([]);
  expect(found({ ...withRecord(3, { mode: "steer" }), ledger })).toEqual([]);
  const cancelled = withRecord(2, { state: "cancelled", interruptedBy: "p_3" });
  expect(found({ ...cancelled, ledger: [1, 3].map((n) => line(n)) })).toEqual([]);
});

it("lets a prompt pass that was answered in the turn of another", () => {
  expect(found(withRecord(2, { turn: { id: "p_1" }, text: "1" }))).toEqual([]);
});

it("lets a gap pass that is told", () => {
  const gap = event(25, { type: "gap", afterId: "15-0" });
  expect(found(told(2, 2, gap))).toEqual([]);
});

it("lets pass what an agent does before the warden of a host that woke up has looked", () => {
  const late = line(2, { tree: "frozen/t1", atMs: 8040 });
  expect(found({ ledger: [...CLEAN.ledger, late] })).toEqual([]);
  const error = { code: "agent_error", message: "overlap: c0 is held by another turn: frozen/t1" };
  const change = { state: "failed" as const, error, attempts: [{ ...attempt, at: 6000 }] };
  expect(found(withRecord(2, change))).toEqual([]);
});
