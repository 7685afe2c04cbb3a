import type { Prompt } from "@pilotlight/contracts";
import { describe, expect, it } from "vitest";
import { findViolations } from "./find-violations.ts";
import type { AcceptedPrompt, History } from "./history.ts";

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
  ...change,
});
const line = (number: number) => ({ channel: "c0", id: `c0-${number}` });
const attempt = { worker: "w", fence: 1, at: 0 };

const CLEAN: History = {
  accepted: [1, 2, 3].map(accepted),
  records: { p_1: record(1), p_2: record(2), p_3: record(3) },
  ledger: [1, 2, 3].map(line),
  orphans: [{ after: "kill-pair", pids: [] }],
};
const found = (change: Partial<History>) =>
  findViolations({ ...CLEAN, ...change }).map(({ invariant }) => invariant);
const withRecord = (number: number, change: Partial<Prompt>) => ({
  records: { ...CLEAN.records, [`p_${number}`]: record(number, change) },
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
    expect(found({ ledger: [1, 3, 2].map(line) })).toEqual(["order"]);
  });

  it("an effect that came twice", () => {
    expect(found({ ledger: [1, 2, 2, 3].map(line) })).toEqual(["repeated"]);
  });

  it("an effect that came twice after a continuation", () => {
    const attempts = [attempt, { ...attempt, recovery: "continue" as const }];
    const change = withRecord(2, { attempts });
    expect(found({ ...change, ledger: [1, 2, 2, 3].map(line) })).toEqual(["repeated"]);
  });

  it("a completed prompt that did nothing", () => {
    expect(found({ ledger: [1, 3].map(line) })).toEqual(["undone"]);
  });

  it("a process that outlived its worker", () => {
    expect(found({ orphans: [{ after: "kill-pair", pids: [7] }] })).toEqual(["orphan"]);
  });
});

it("lets a repeated effect pass where a rerun is on the record", () => {
  const attempts = [attempt, { ...attempt, recovery: "rerun" as const }];
  const change = withRecord(2, { attempts });
  expect(found({ ...change, ledger: [1, 2, 2, 3].map(line) })).toEqual([]);
});
