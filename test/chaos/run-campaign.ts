import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../bench/harness/seeded-random.ts";
import { findViolations, type Violation } from "./check/find-violations.ts";
import type { History, LedgerLine, Orphans } from "./check/history.ts";
import { injectFault } from "./faults/inject-fault.ts";
import { createApi } from "./load/api.ts";
import { startLoad } from "./load/run-load.ts";
import { makePlan } from "./plan/make-plan.ts";
import { agentProcesses } from "./system/agent-processes.ts";
import { startSystem } from "./system/start-system.ts";

export interface CampaignOptions {
  readonly seed: number;
  readonly prompts: number;
  readonly faults: number;
  readonly channels: number;
  readonly hosts: number;
  progress(line: string): void;
}

export interface CampaignResult {
  readonly violations: readonly Violation[];
  readonly figures: Readonly<Record<string, unknown>>;
  /** Plan, history and log of the processes are there. */
  readonly dir: string;
}

const LEASE_TTL_MS = 3000;
const FAULT_EVERY_MS = 2500;
const INGRESSES = 2;
/** Everything that was accepted has ended by then, counted from the last heal. */
const SETTLE_MS = 60_000;
const ORPHANS_MS = 2000;

/** One campaign. The same seed makes the same plan and the same load; when what happens is up to the machine. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const dir = new URL(`../../test-results/chaos/${options.seed}/`, import.meta.url).pathname;
  mkdirSync(dir, { recursive: true });
  const logFile = join(dir, "processes.log");
  writeFileSync(logFile, "");
  const random = seededRandom(options.seed);
  const { hosts, faults } = options;
  const plan = makePlan(
    { faults, hosts, ingresses: INGRESSES, leaseTtlMs: LEASE_TTL_MS, everyMs: FAULT_EVERY_MS },
    random,
  );
  writeFileSync(join(dir, "plan.json"), JSON.stringify(plan, null, 1));
  const system = await startSystem({
    hosts,
    ingresses: INGRESSES,
    leaseTtlMs: LEASE_TTL_MS,
    logFile,
  });
  const orphans: Orphans[] = [];
  let seen: Omit<History, "orphans">;
  let settledMs: number;
  try {
    const durationMs = (plan.at(-1)?.atMs ?? 0) + FAULT_EVERY_MS;
    let healedAtMs = Number.POSITIVE_INFINITY;
    const endsAtMs = () => healedAtMs + SETTLE_MS;
    const load = startLoad(createApi(system, endsAtMs), { ...options, durationMs }, random);
    const startedAtMs = performance.now();
    for (const { atMs, fault } of plan) {
      await sleep(Math.max(0, startedAtMs + atMs - performance.now()));
      const secs = ((performance.now() - startedAtMs) / 1000).toFixed(1);
      options.progress(`${secs} s: ${JSON.stringify(fault)}`);
      const left = await injectFault(system, fault);
      if (left !== undefined) {
        orphans.push(left);
      }
    }
    healedAtMs = performance.now();
    await load.sent;
    const records = await load.settle(endsAtMs);
    settledMs = performance.now() - healedAtMs;
    seen = { accepted: load.accepted, records, ledger: readLedger(system.ledgerDir) };
  } finally {
    await system.stop();
  }
  await sleep(ORPHANS_MS);
  orphans.push({ after: "the end of everything", pids: agentProcesses(system.dir) });
  const history: History = { ...seen, orphans };
  writeFileSync(join(dir, "history.json"), JSON.stringify(history, null, 1));
  const records = Object.values(history.records);
  const further = records.flatMap((record) => record.attempts.slice(1));
  return {
    dir,
    violations: findViolations(history),
    figures: {
      seed: options.seed,
      accepted: history.accepted.length,
      states: countBy(records.map(({ state }) => state)),
      errors: countBy(records.flatMap(({ error }) => error?.code ?? [])),
      recoveries: countBy(further.map(({ recovery }) => recovery ?? "none")),
      opened: countBy(further.map(({ opened }) => opened ?? "none")),
      decisions: records.filter(({ decision }) => decision !== undefined).length,
      faults: countBy(plan.map(({ fault }) => fault.kind)),
      settledAfterLastHealSecs: Number((settledMs / 1000).toFixed(1)),
    },
  };
}

function readLedger(dir: string): LedgerLine[] {
  return (existsSync(dir) ? readdirSync(dir) : []).flatMap((channel) =>
    readFileSync(join(dir, channel), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => ({ channel, id: String(JSON.parse(line).id) })),
  );
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}
