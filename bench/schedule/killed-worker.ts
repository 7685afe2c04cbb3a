import { setTimeout as sleep } from "node:timers/promises";
import { TINY_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { BenchContext, BenchOutcome } from "../benchmark.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { schedulesOf } from "./schedules-of.ts";

const FULL = { schedules: 500, atOnce: 100, overMs: 60_000 };
const QUICK = { schedules: 60, atOnce: 20, overMs: 20_000 };
const LEAD_SECS = 5;
/** Until the first is due: all are set by then, and those of one instant have been opened one after the other. */
const BEGIN_MS = 45_000;
/** What was open in a worker that dies is open again so long after. */
const REOPENED_AFTER_MS = 5000;

/** Many schedules, a part of them at one instant, and one of two workers killed in between. */
export async function killedWorker({ quick, progress }: BenchContext): Promise<BenchOutcome> {
  const { schedules, atOnce, overMs } = quick ? QUICK : FULL;
  const redis = await startPrivateRedis();
  const product = await startProduct({
    redisUrl: redis.url,
    agent: TINY_AGENT,
    workers: 2,
    maxSessions: schedules,
  });
  try {
    const { put, view, rows, prompt } = schedulesOf(product);
    const beginMs = Date.now() + BEGIN_MS;
    const ids = Array.from({ length: schedules }, (_, index) => `many-${index}`);
    const spread = schedules - atOnce;
    for (const [index, channel] of ids.entries()) {
      // Those of one instant come in the middle.
      const dueMs = index < spread ? beginMs + (index * overMs) / spread : beginMs + overMs / 2;
      const at = new Date(Math.round(dueMs)).toISOString();
      await put(channel, { channel, prompt: "now", at, preWarmSecs: LEAD_SECS });
    }
    progress(`${schedules} schedules, ${atOnce} of them at one instant`);
    await sleep(Math.max(0, beginMs + overMs / 3 - Date.now()));
    const response = await product.system.fetch("/v1/workers");
    const [victim] = ((await response.json()) as { items: { pid: number }[] }).items;
    if (victim === undefined) {
      throw new Error("there is no worker to kill");
    }
    const killedMs = Date.now();
    process.kill(victim.pid, "SIGKILL");
    progress("a worker is killed");
    await sleep(Math.max(0, beginMs + overMs + 2000 - Date.now()));
    const lateMs: number[] = [];
    const violations: string[] = [];
    const totals = { cold: 0, coldAfterKill: 0, late: 0, lost: 0 };
    for (const id of ids) {
      const [row, ...others] = await waitUntil(
        `${id} was handed over`,
        async () => {
          const all = await rows(id);
          return all.every(({ startMs }) => startMs !== undefined) && all.length > 0
            ? all
            : undefined;
        },
        60_000,
      );
      const { attempts, state } = await prompt(row?.promptId ?? "");
      if (row === undefined || others.length > 0 || (row.startMs ?? 0) < 0) {
        violations.push(`${id}: ${others.length + 1} rows, handed over after ${row?.startMs} ms`);
        continue;
      }
      if (attempts.length !== 1 || state !== "completed") {
        // What ran when its worker was killed is the affair of recovery.
        progress(`${id}: ${state} after ${attempts.length} attempts`);
      }
      lateMs.push(row.startMs ?? 0);
      const { preWarms } = await view(id);
      totals.late += preWarms.late;
      totals.lost += preWarms.lost;
      if (row.opened !== "warm") {
        const isFresh = row.dueAt > killedMs - 1000 && row.dueAt < killedMs + REOPENED_AFTER_MS;
        totals[isFresh ? "coldAfterKill" : "cold"] += 1;
      }
    }
    const line = (what: string, value: number, unit: string, atMost?: number) => ({
      what: `${schedules} schedules, a worker killed: ${what}`,
      arm: product.name,
      value: Math.round(value * 10) / 10,
      unit,
      ...(atMost === undefined ? {} : { atMost }),
    });
    return {
      settings: { schedules, atOnce, overMs, leadSecs: LEAD_SECS },
      arms: [],
      ratios: [],
      figures: [
        line("cold starts", totals.cold, `of ${schedules}`, 0),
        line(`cold starts within ${REOPENED_AFTER_MS / 1000} s of it`, totals.coldAfterKill, ""),
        line("sessions opened again", totals.lost, ""),
        line("pre-warms that were late", totals.late, ""),
        line("due time to hand-over, p50", quantile(lateMs, 0.5), "ms"),
        line("due time to hand-over, p99", quantile(lateMs, 0.99), "ms"),
      ],
      violations,
      redis: redis.engine,
    };
  } finally {
    await product.stop();
    await redis.stop();
  }
}
