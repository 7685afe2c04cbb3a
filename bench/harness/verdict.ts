import type { BenchOutcome, FigureLine, RatioLine } from "../benchmark.ts";

/** More foreign load than this and times say nothing. */
const MOST_FOREIGN_CORES = 1;

/** Whether a goal was met: a ratio only where the bad end of its interval meets it. */
export function verdictOf(line: RatioLine | FigureLine): "met" | "missed" | "" {
  if (line.atMost === undefined) {
    return "";
  }
  const worst = "high" in line ? line.high : line.value;
  return worst <= line.atMost ? "met" : "missed";
}

/** Why a run is void, or nothing. A run that only counts does not care who else keeps the machine busy. */
export function voidReasons(outcome: BenchOutcome, foreignCores: number): readonly string[] {
  const reasons = [...outcome.violations];
  if (outcome.arms.length > 0 && foreignCores > MOST_FOREIGN_CORES) {
    reasons.push(`others kept ${foreignCores.toFixed(2)} cores busy`);
  }
  return reasons;
}
