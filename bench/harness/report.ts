import { mkdirSync, writeFileSync } from "node:fs";
import type { Benchmark, BenchOutcome } from "../benchmark.ts";
import { formatTable } from "./format-table.ts";
import type { RunOrigin } from "./machine.ts";
import { verdictOf, voidReasons } from "./verdict.ts";

const RESULTS = new URL("../results/", import.meta.url);

export interface FinishedRun {
  readonly benchmark: Benchmark;
  readonly quick: boolean;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly before: RunOrigin;
  readonly after: RunOrigin;
  readonly foreignCores: number;
  readonly outcome: BenchOutcome;
}

/** Writes the run to `bench/results/` and gives what to print. */
export function report(run: FinishedRun): string {
  const reasons = voidReasons(run.outcome, run.foreignCores);
  writeResult(run, reasons);
  return [
    `${run.benchmark.name}: ${run.benchmark.title}${run.quick ? " (quick: proves nothing)" : ""}`,
    originLine(run),
    "",
    ...armTable(run.outcome),
    ...ratioTable(run.outcome),
    ...figureTable(run.outcome),
    ...reasons.map((reason) => `VOID: ${reason}`),
  ].join("\n");
}

function writeResult(run: FinishedRun, reasons: readonly string[]): void {
  mkdirSync(RESULTS, { recursive: true });
  const stamp = run.startedAt.toISOString().replaceAll(/[:.]/g, "-");
  const { benchmark, ...rest } = run;
  const content = { name: benchmark.name, title: benchmark.title, void: reasons, ...rest };
  writeFileSync(
    new URL(`${benchmark.name}-${stamp}.json`, RESULTS),
    `${JSON.stringify(content, null, 2)}\n`,
  );
}

function originLine(run: FinishedRun): string {
  const { before, after } = run;
  const versions = Object.entries(before.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `commit ${before.commit}; ${before.cores} cores ${before.cpu}, ${before.memoryGiB} GiB`,
    `${versions.join(", ")}, ${run.outcome.redis}`,
    `load ${before.loadAverage.join(" ")} before, ${after.loadAverage.join(" ")} after; ` +
      `${run.foreignCores.toFixed(2)} cores of others; ${run.seconds.toFixed(0)} s`,
  ].join("\n");
}

function armTable({ arms }: BenchOutcome): string[] {
  if (arms.length === 0) {
    return [];
  }
  const rows = arms.map((arm) => [
    arm.metric,
    arm.arm,
    arm.samples,
    arm.p50,
    arm.p99,
    arm.max,
    arm.unit,
  ]);
  return [formatTable(["metric", "arm", "n", "p50", "p99", "max", "unit"], rows), ""];
}

function ratioTable({ ratios }: BenchOutcome): string[] {
  if (ratios.length === 0) {
    return [];
  }
  const rows = ratios.map((line) => [
    line.metric,
    `${line.arm} / ${line.base}`,
    `p${line.quantile * 100}`,
    line.median,
    `${line.low.toFixed(3)} to ${line.high.toFixed(3)}`,
    line.atMost === undefined ? "" : `<= ${line.atMost}`,
    verdictOf(line),
  ]);
  return [formatTable(["metric", "ratio", "of", "median", "95 % interval", "goal", ""], rows), ""];
}

function figureTable({ figures }: BenchOutcome): string[] {
  if (figures.length === 0) {
    return [];
  }
  const rows = figures.map((line) => [
    line.what,
    line.arm,
    line.value,
    line.unit,
    line.atMost === undefined ? "" : `<= ${line.atMost}`,
    verdictOf(line),
  ]);
  return [formatTable(["figure", "arm", "value", "unit", "goal", ""], rows), ""];
}
