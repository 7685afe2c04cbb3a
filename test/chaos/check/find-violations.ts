import { isFinalPromptState, type Prompt } from "@pilotlight/contracts";
import { isAfterThaw, metFrozenHolder } from "./after-thaw.ts";
import { findStreamViolations } from "./find-stream-violations.ts";
import type { History, LedgerLine } from "./history.ts";
import type { Violation } from "./violation.ts";

/** Ends that a campaign may bring about by itself: an agent that was killed while it started, or three times in a turn. */
const EXPECTED_FAILURES = new Set(["agent_start_failed", "agent_exited"]);

/** What the history of a campaign shows that must never be. */
export function findViolations(history: History): Violation[] {
  return [
    ...finals(history),
    ...order(history),
    ...effects(history),
    ...findStreamViolations(history),
    ...history.orphans
      .filter(({ pids }) => pids.length > 0)
      .map(
        ({ after, pids }): Violation => ({
          invariant: "orphan",
          what: `${pids.length} processes of agents live on after ${after}: ${pids.join(", ")}`,
        }),
      ),
  ];
}

function finals(history: History): Violation[] {
  const { accepted, records } = history;
  return accepted.flatMap(({ id, key }): Violation[] => {
    const record = records[id];
    if (record === undefined || !isFinalPromptState(record.state)) {
      return [{ invariant: "lost", what: `${key} (${id}) is ${record?.state ?? "unknown"}` }];
    }
    if (record.state === "cancelled" && !wasInterrupted(history, record)) {
      return [{ invariant: "cancelled", what: `${key} (${id}) was cancelled, and for nobody` }];
    }
    if (record.state !== "failed") {
      return [];
    }
    const { code = "", message = "" } = record.error ?? {};
    if (message.includes("overlap")) {
      return metFrozenHolder(history, records[record.turn?.id ?? ""] ?? record)
        ? []
        : [{ invariant: "overlap", what: `${key} (${id}): ${message}` }];
    }
    return EXPECTED_FAILURES.has(code)
      ? []
      : [{ invariant: "failed", what: `${key} (${id}) failed with ${code}: ${message}` }];
  });
}

/** Nobody else cancels anything in a campaign. */
function wasInterrupted({ records }: History, { interruptedBy, turn }: Prompt): boolean {
  return (records[turn?.id ?? ""]?.interruptedBy ?? interruptedBy) !== undefined;
}

/** By the first effect of each prompt, against the order in which the API accepted them. */
function order(history: History): Violation[] {
  const accepted = history.accepted.filter(({ id }) => !mayOvertake(history.records[id]));
  const ledger = history.ledger.filter((line) => !isAfterThaw(history, line));
  const numbers = new Map(accepted.map(({ key, seq }) => [key, seq]));
  const last = new Map<string, number>();
  const seen = new Set<string>();
  return ledger.flatMap(({ channel, id }): Violation[] => {
    const seq = numbers.get(id);
    if (seen.has(id) || seq === undefined) {
      return [];
    }
    seen.add(id);
    const before = last.get(channel) ?? 0;
    last.set(channel, Math.max(before, seq));
    return seq < before
      ? [{ invariant: "order", what: `${id} (seq ${seq}) ran on ${channel} after seq ${before}` }]
      : [];
  });
}

function mayOvertake(record: Prompt | undefined): boolean {
  return record?.mode === "steer" || record?.mode === "interrupt";
}

/** Each effect once, unless the record says that the prompt was sent again; and every completed prompt has its effect. */
function effects(history: History): Violation[] {
  const { accepted, records, ledger } = history;
  const counts = countById(ledger.filter((line) => !isAfterThaw(history, line)));
  const all = countById(ledger);
  return accepted.flatMap(({ id, key }): Violation[] => {
    const record = records[id];
    const count = counts.get(key) ?? 0;
    if (count > 1 && !wasSentAgain(record)) {
      return [{ invariant: "repeated", what: `${key} (${id}) was done ${count} times` }];
    }
    return !all.has(key) && record?.state === "completed"
      ? [{ invariant: "undone", what: `${key} (${id}) completed without its effect` }]
      : [];
  });
}

function countById(ledger: readonly LedgerLine[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id } of ledger) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function wasSentAgain(record: Prompt | undefined): boolean {
  return record?.attempts.some(({ recovery }) => recovery === "rerun") ?? false;
}
