import { DEMO_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { BenchContext, BenchOutcome } from "../benchmark.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { schedulesOf } from "./schedules-of.ts";

const FULL = { schedules: 20, runs: 3 };
const QUICK = { schedules: 20, runs: 1 };
const OPENS_MS = 3000;
const LEAD_SECS = 5;
const EVERY_SECS = 20;
const BEGIN_MS = 15_000;

/** Agents that take their time, all due at one instant, again and again: each session has to be open by then. */
export async function together({ quick, progress }: BenchContext): Promise<BenchOutcome> {
  const { schedules, runs } = quick ? QUICK : FULL;
  const redis = await startPrivateRedis();
  const product = await startProduct({
    redisUrl: redis.url,
    agent: DEMO_AGENT,
    agentEnv: { DEMO_START_MS: String(OPENS_MS), DEMO_CHUNK_MS: "0" },
    // Sessions are closed between two due times, and resumed for the next.
    configDirEnv: "DEMO_AGENT_HOME",
    keepAliveSecs: 1,
    maxSessions: schedules,
  });
  try {
    const { put, view, rows } = schedulesOf(product);
    const startAt = new Date(Math.ceil((Date.now() + BEGIN_MS) / 1000) * 1000).toISOString();
    const ids = Array.from({ length: schedules }, (_, index) => `together-${index}`);
    for (const channel of ids) {
      await put(channel, {
        channel,
        prompt: "now",
        startAt,
        everySecs: EVERY_SECS,
        preWarmSecs: LEAD_SECS,
        maxRuns: runs,
        overlap: "queue",
      });
    }
    progress(`${schedules} schedules at one instant, ${runs} times`);
    const totals = { cold: 0, late: 0, opened: 0 };
    const violations: string[] = [];
    for (const id of ids) {
      const found = await waitUntil(
        `${id} ran`,
        async () => {
          const all = await rows(id);
          return all.filter(({ startMs }) => startMs !== undefined).length === runs
            ? all
            : undefined;
        },
        BEGIN_MS + (runs + 2) * EVERY_SECS * 1000,
      );
      const { hit, late, wasted, failed, lost } = (await view(id)).preWarms;
      totals.cold += found.filter(({ opened }) => opened !== "warm").length;
      totals.late += late;
      totals.opened += hit + late + wasted + failed + lost;
      if (found.length !== runs) {
        violations.push(`${id}: ${found.length} rows of ${runs} due times`);
      }
    }
    const all = schedules * runs;
    const line = (what: string, value: number, atMost: number) => ({
      what: `${schedules} at one instant, ${OPENS_MS / 1000} s to open, lead ${LEAD_SECS} s: ${what}`,
      arm: product.name,
      value,
      unit: `of ${all}`,
      atMost,
    });
    return {
      settings: { schedules, runs, opensMs: OPENS_MS, leadSecs: LEAD_SECS },
      arms: [],
      ratios: [],
      figures: [
        line("cold starts", totals.cold, 0),
        line("pre-warms that were late", totals.late, 0),
        line("sessions opened ahead", totals.opened, all),
      ],
      violations,
      redis: redis.engine,
    };
  } finally {
    await product.stop();
    await redis.stop();
  }
}
