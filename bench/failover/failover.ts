import type { ArmSummary, Benchmark, BenchOutcome, FigureLine } from "../benchmark.ts";
import { type PrivateRedis, startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { summarize } from "../harness/summarize.ts";
import { withParts } from "../harness/with-parts.ts";
import type { Failover } from "./follow-turn.ts";
import { killProcesses } from "./killed-processes.ts";
import { loseMachines } from "./lost-machines.ts";
import { startStalledJobs } from "./stalled-jobs.ts";

const FULL = { kills: 30, lostRounds: 3, queues: 6, leaseTtlMs: 15_000 };
const QUICK = { kills: 3, lostRounds: 1, queues: 2, leaseTtlMs: 3000 };
const METRIC = "lost to the next token on the same stream";
const OURS = "pilotlight";
const DEFAULTS = "BullMQ defaults";
const TUNED = "BullMQ tuned";
/** Of BullMQ's `stalledInterval` and `lockDuration` when nobody sets them. */
const DEFAULT_INTERVAL_MS = 30_000;
const RENEWALS_PER_TTL = 6;
const MOST_OF_DEFAULTS = 1 / 40;
const MOST_BEYOND_TTL_MS = 500;

export const failover: Benchmark = {
  name: "failover",
  title: "lost in the middle of a streamed turn, to the next token on the same stream",
  async run({ quick, random, progress }) {
    const settings = quick ? QUICK : FULL;
    const { kills, queues, leaseTtlMs } = settings;
    return await withParts(async (keep) => {
      const redis: PrivateRedis = keep(await startPrivateRedis());
      const machinesRedis = keep(await startPrivateRedis());
      const redisUrl = keep(await startPrivateRedis()).url;
      const killed = await killProcesses({ kills, redisUrl: redis.url, random, progress });

      const renewMs = leaseTtlMs / RENEWALS_PER_TTL;
      const tuned = { lockDuration: leaseTtlMs, lockRenewTime: renewMs, stalledInterval: renewMs };
      progress("starting plain BullMQ");
      const defaultsArm = keep(
        await startStalledJobs({
          name: "defaults",
          queues,
          stall: {},
          phaseMs: quick ? 0 : DEFAULT_INTERVAL_MS,
          redisUrl,
          random,
        }),
      );
      const tunedArm = keep(
        await startStalledJobs({
          name: "tuned",
          queues,
          stall: tuned,
          phaseMs: renewMs,
          redisUrl,
          random,
        }),
      );
      // These take their time waiting, and so they wait side by side. All are waited for where one fails.
      const [lost, defaultsTimes, tunedTimes] = await all([
        loseMachines({
          rounds: settings.lostRounds,
          leaseTtlMs,
          redisUrl: machinesRedis.url,
          random,
          progress,
        }),
        defaultsArm.kill(),
        tunedArm.kill(),
      ]);
      const arms: readonly MeasuredArm[] = [
        { arm: OURS, what: "worker", failovers: killed.worker },
        { arm: OURS, what: "agent", failovers: killed.agent },
        { arm: OURS, what: "machine, killed", failovers: lost.killed },
        { arm: OURS, what: "machine, frozen", failovers: lost.frozen },
        { arm: DEFAULTS, what: "worker", failovers: defaultsTimes },
        { arm: TUNED, what: "worker", failovers: tunedTimes },
      ];
      return {
        settings: { ...settings, tuned, workers: 2, agent: "demo" },
        arms: arms.map(summaryOf),
        ratios: [],
        figures: figuresOf(arms, leaseTtlMs),
        violations: arms.flatMap(({ failovers }) => failovers.flatMap((one) => one.violations)),
        redis: redis.engine,
      } satisfies BenchOutcome;
    });
  },
};

/** Like `Promise.all`, but nothing is under way any more when it rejects. */
async function all<T extends readonly Promise<unknown>[] | []>(
  promises: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as { -readonly [I in keyof T]: Awaited<T[I]> };
}

interface MeasuredArm {
  readonly arm: string;
  readonly what: string;
  readonly failovers: readonly Failover[];
}

const timesOf = ({ failovers }: MeasuredArm) => failovers.map(({ ms }) => ms);

function summaryOf(measured: MeasuredArm): ArmSummary {
  return summarize(measured.arm, `${measured.what} ${METRIC}`, "ms", [timesOf(measured)]);
}

function figuresOf(arms: readonly MeasuredArm[], leaseTtlMs: number): FigureLine[] {
  const timesIn = (arm: string, what: string) => {
    const measured = arms.find((one) => one.arm === arm && one.what === what);
    return measured === undefined ? [] : timesOf(measured);
  };
  const line = (what: string, value: number, unit: string, atMost?: number): FigureLine => ({
    what,
    arm: OURS,
    value,
    unit,
    ...(atMost === undefined ? {} : { atMost }),
  });
  const worker = timesIn(OURS, "worker");
  const share = (of: string, atMost?: number) => {
    const theirs = timesIn(of, "worker");
    return [
      line(
        `worker lost, as a share of ${of}, medians`,
        quantile(worker, 0.5) / quantile(theirs, 0.5),
        "",
        atMost,
      ),
      line(
        `worker lost, as a share of ${of}, longest to their shortest`,
        quantile(worker, 1) / quantile(theirs, 0),
        "",
      ),
    ];
  };
  return [
    line("worker lost, median", Math.round(quantile(worker, 0.5)), "ms", 1000),
    line("worker lost, longest", Math.round(quantile(worker, 1)), "ms", 2000),
    ...share(DEFAULTS, MOST_OF_DEFAULTS),
    ...share(TUNED),
    ...["killed", "frozen"].map((how) =>
      line(
        `machine ${how}, longest beyond the lease's ${leaseTtlMs / 1000} s`,
        Math.round(quantile(timesIn(OURS, `machine, ${how}`), 1) - leaseTtlMs),
        "ms",
        MOST_BEYOND_TTL_MS,
      ),
    ),
  ];
}
