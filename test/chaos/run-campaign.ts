import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../bench/harness/seeded-random.ts";
import { isAfterThaw, metFrozenHolder } from "./check/after-thaw.ts";
import { findViolations } from "./check/find-violations.ts";
import type { History, LedgerLine } from "./check/history.ts";
import type { Violation } from "./check/violation.ts";
import { type Injected, injectFault } from "./faults/inject-fault.ts";
import { waitForEnd } from "./faults/wait-for-end.ts";
import { answerDecisions } from "./load/answer-decisions.ts";
import { createApi } from "./load/api.ts";
import { startLoad } from "./load/run-load.ts";
import { type FaultKind, makePlan, type PlannedFault, placeOf } from "./plan/make-plan.ts";
import { type ChannelReader, followChannel } from "./streams/follow-channel.ts";
import { readLogs } from "./streams/read-logs.ts";
import { type ChaosSystem, startSystem } from "./system/start-system.ts";

export interface CampaignOptions {
  readonly seed: number;
  readonly prompts: number;
  readonly faults: number;
  readonly channels: number;
  readonly hosts: number;
  /** Faults of these kinds only. */
  readonly only?: readonly FaultKind[];
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
/** What did not end is lost when nothing else has ended for so long, counted from the last heal. */
const SETTLE_MS = 60_000;
/** By then every reader was told what there is to tell. */
const CATCH_UP_MS = 15_000;
const LISTEN_MS = 20_000;
/** Two of them listen to the first channel, the others to one each. */
const MOST_READERS = 11;

/** One campaign. The same seed makes the same plan and the same load; when what happens is up to the machine. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const dir = new URL(`../../test-results/chaos/${options.seed}/`, import.meta.url).pathname;
  mkdirSync(dir, { recursive: true });
  const logFile = join(dir, "processes.log");
  writeFileSync(logFile, "");
  const random = seededRandom(options.seed);
  const { hosts, faults, progress } = options;
  const plan = makePlan(
    {
      faults,
      hosts,
      ingresses: INGRESSES,
      leaseTtlMs: LEASE_TTL_MS,
      everyMs: FAULT_EVERY_MS,
      ...(options.only === undefined ? {} : { only: options.only }),
    },
    random,
  );
  writeFileSync(join(dir, "plan.json"), JSON.stringify(plan, null, 1));
  const system = await startSystem({
    hosts,
    ingresses: INGRESSES,
    leaseTtlMs: LEASE_TTL_MS,
    logFile,
  });
  progress(`hosts are ${system.hostKind}`);
  const loop = monitorEventLoopDelay();
  const readers: ChannelReader[] = [];
  let injected: Injected[];
  let seen: Omit<History, "leaseTtlMs" | "orphans" | "freezes">;
  let settledMs: number;
  try {
    loop.enable();
    readers.push(...(await startReaders(system, options)));
    const durationMs = (plan.at(-1)?.atMs ?? 0) + FAULT_EVERY_MS;
    // Nobody who answers for a whole minute, faults or not, is down.
    const api = createApi(system, SETTLE_MS);
    const load = startLoad(api, { ...options, durationMs }, random);
    const person = new AbortController();
    const answered = answerDecisions(api, person.signal);
    answered.catch(() => undefined); // told below
    injected = await injectAll(system, plan, progress);
    const healedAtMs = performance.now();
    await load.sent;
    let settlingMs = performance.now();
    const records = await load.settle(
      () => settlingMs + SETTLE_MS,
      () => {
        settlingMs = performance.now();
      },
    );
    person.abort();
    await answered;
    settledMs = performance.now() - healedAtMs;
    loop.disable();
    progress(`settled ${(settledMs / 1000).toFixed(1)} s after the last heal`);
    const channels = [...new Set(readers.map(({ seen: { channel } }) => channel))];
    const logs = await readLogs(system.redis.url, channels);
    await Promise.all(readers.map((reader) => caughtUp(reader, logs)));
    const streams = readers.map((reader) => reader.seen);
    seen = {
      accepted: load.accepted,
      records,
      ledger: readLedger(system.ledgerDir),
      streams,
      logs,
    };
  } finally {
    await Promise.all(readers.map((reader) => reader.stop()));
    await system.stop();
  }
  const history: History = {
    leaseTtlMs: LEASE_TTL_MS,
    ...seen,
    orphans: [
      ...injected.flatMap(({ orphans }) => orphans ?? []),
      await waitForEnd(system.dir, "", "the end of everything"),
    ],
    freezes: injected.flatMap(({ freeze }) => freeze ?? []),
  };
  writeFileSync(join(dir, "history.json"), JSON.stringify(history));
  return {
    dir,
    violations: findViolations(history),
    figures: {
      seed: options.seed,
      hosts: system.hostKind,
      faults: countBy(plan.map(({ fault }) => fault.kind)),
      settledAfterLastHealSecs: Number((settledMs / 1000).toFixed(1)),
      // Long where the machine has too much to do besides.
      mostLoopDelayMs: Math.round(loop.max / 1e6),
      ...figuresOf(history),
    },
  };
}

/** They listen before anything is handed in: there is nothing that they may miss. */
async function startReaders(
  system: ChaosSystem,
  { channels, seed }: CampaignOptions,
): Promise<ChannelReader[]> {
  const readers = Array.from({ length: Math.min(channels + 1, MOST_READERS) }, (_, i) =>
    followChannel(system, `c${Math.max(0, i - 1)}`, seededRandom(seed * 1000 + i)),
  );
  await Promise.race([Promise.all(readers.map(({ listening }) => listening)), sleep(LISTEN_MS)]);
  return readers;
}

async function caughtUp(reader: ChannelReader, logs: History["logs"]): Promise<void> {
  const newest = logs[reader.seen.channel]?.at(-1);
  const deadline = performance.now() + CATCH_UP_MS;
  while (newest !== undefined && reader.lastId() !== newest && performance.now() < deadline) {
    await sleep(50);
  }
}

/** Each at its time, or when the one before it at the same place is over. Resolves when all is healed. */
async function injectAll(
  system: ChaosSystem,
  plan: readonly PlannedFault[],
  progress: (line: string) => void,
): Promise<Injected[]> {
  const startedAtMs = performance.now();
  const injected: Promise<Injected>[] = [];
  const busy = new Map<string, Promise<unknown>>();
  for (const { atMs, fault } of plan) {
    await sleep(Math.max(0, startedAtMs + atMs - performance.now()));
    const place = placeOf(fault);
    const before = busy.get(place) ?? Promise.resolve();
    const one = before.then(() => {
      const secs = ((performance.now() - startedAtMs) / 1000).toFixed(1);
      progress(`${secs} s: ${JSON.stringify(fault)}`);
      return injectFault(system, fault);
    });
    one.catch(() => undefined); // told below, by all of them
    busy.set(place, one);
    injected.push(one);
  }
  return await Promise.all(injected);
}

function figuresOf(history: History): Record<string, unknown> {
  const records = Object.values(history.records);
  const further = records.flatMap((record) => record.attempts.slice(1));
  const events = history.streams.flatMap((stream) => stream.events);
  return {
    accepted: history.accepted.length,
    states: countBy(records.map(({ state }) => state)),
    deliveries: countBy(
      records.map(({ mode = "queue", delivery = "none" }) => `${mode} ${delivery}`),
    ),
    errors: countBy(records.flatMap(({ error }) => error?.code ?? [])),
    recoveries: countBy(further.map(({ recovery }) => recovery ?? "none")),
    opened: countBy(further.map(({ opened }) => opened ?? "none")),
    decisions: records.filter(({ decision }) => decision !== undefined).length,
    streams: {
      readers: history.streams.length,
      connections: history.streams.reduce((sum, { connections }) => sum + connections, 0),
      events: events.length,
      gaps: events.filter(({ type }) => type === "gap").length,
    },
    mostOrphanMs: Math.max(...history.orphans.map(({ tookMs }) => tookMs)),
    afterThaw: {
      effects: history.ledger.filter((line) => isRepeatedAfterThaw(history, line)).length,
      overlaps: records.filter((record) => metFrozenHolder(history, record)).length,
    },
  };
}

function isRepeatedAfterThaw(history: History, line: LedgerLine): boolean {
  return (
    isAfterThaw(history, line) &&
    history.ledger.some((other) => other !== line && other.id === line.id)
  );
}

function readLedger(dir: string): LedgerLine[] {
  return (existsSync(dir) ? readdirSync(dir) : []).flatMap((channel) =>
    readFileSync(join(dir, channel), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const { id, atMs, tree } = JSON.parse(line) as LedgerLine;
        return { channel, id, atMs, tree };
      }),
  );
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}
