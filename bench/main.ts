import { parseArgs } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { failover } from "./failover/failover.ts";
import { failoverClaude } from "./failover-claude/failover-claude.ts";
import { watchForeignLoad } from "./harness/foreign-load.ts";
import { describeOrigin } from "./harness/machine.ts";
import { report } from "./harness/report.ts";
import { seededRandom } from "./harness/seeded-random.ts";
import { voidReasons } from "./harness/verdict.ts";
import { idleCost } from "./idle-cost/idle-cost.ts";
import { permission } from "./permission/permission.ts";
import { rollingRestart } from "./rolling-restart/rolling-restart.ts";
import { schedule } from "./schedule/schedule.ts";
import { sessionMemory } from "./session-memory/session-memory.ts";
import { standby } from "./standby/standby.ts";
import { warmFirstToken } from "./warm-first-token/warm-first-token.ts";

const BENCHMARKS: readonly Benchmark[] = [
  warmFirstToken,
  idleCost,
  failover,
  rollingRestart,
  standby,
  sessionMemory,
  schedule,
  permission,
  // Last: it needs an agent that is installed apart.
  failoverClaude,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});
const unknown = positionals.filter((name) => BENCHMARKS.every((known) => known.name !== name));
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark is called ${unknown.join(", ")}; there are: ${BENCHMARKS.map((b) => b.name).join(", ")}\n`,
  );
  process.exit(64);
}
const chosen = BENCHMARKS.filter((b) => positionals.length === 0 || positionals.includes(b.name));
for (const benchmark of chosen) {
  const isVoid = await runOne(benchmark);
  // A missed goal is a finding; a void run is a failure.
  process.exitCode = isVoid ? 1 : (process.exitCode ?? 0);
}

async function runOne(benchmark: Benchmark): Promise<boolean> {
  const before = describeOrigin();
  const startedAt = new Date();
  const load = watchForeignLoad();
  const outcome = await benchmark.run({
    quick: values.quick,
    random: seededRandom(Number(values.seed)),
    progress: (line) => process.stderr.write(`${benchmark.name}: ${line}\n`),
  });
  const foreignCores = load.cores();
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  const after = describeOrigin();
  const quick = values.quick;
  const run = { benchmark, quick, startedAt, seconds, before, after, foreignCores, outcome };
  process.stdout.write(`${report(run)}\n\n`);
  return voidReasons(outcome, foreignCores).length > 0;
}
