import { setTimeout as sleep } from "node:timers/promises";
import { DEMO_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { BenchContext, BenchOutcome } from "../benchmark.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { schedulesOf } from "./schedules-of.ts";

const OPENS_MS = 3000;
const FULL = { runs: 8 };
const QUICK = { runs: 2 };
const EVERY_SECS = 15;
/** What schedules have that do not say. */
const FIXED_LEAD_MS = 300_000;
const LEAST_TIMES_LESS = 20;

/** How long before its due time a session is opened with `auto`, beside the fixed lead, and how many came cold. */
export async function ahead({ quick, progress }: BenchContext): Promise<BenchOutcome> {
  const { runs } = quick ? QUICK : FULL;
  const redis = await startPrivateRedis();
  const product = await startProduct({
    redisUrl: redis.url,
    agent: DEMO_AGENT,
    agentEnv: { DEMO_START_MS: String(OPENS_MS), DEMO_CHUNK_MS: "0" },
    keepAliveSecs: 1,
  });
  try {
    const { put, view, rows, prompt, warm } = schedulesOf(product);
    await warm(["taught"]);
    const channel = "ahead";
    const schedule = { channel, prompt: "now", everySecs: EVERY_SECS, maxRuns: runs };
    await put(channel, { ...schedule, preWarmSecs: "auto" });
    const openedAt: number[] = [];
    let wasOpen = false;
    await waitUntil(
      "all have fired",
      async () => {
        // The moment at which its session is seen first, looked at every 25 ms between two checks for the end.
        for (let look = 0; look < 40; look += 1) {
          const response = await product.system.fetch(`/v1/sessions?channel=${channel}`);
          const { items } = (await response.json()) as { items: unknown[] };
          if (items.length > 0 && !wasOpen) {
            openedAt.push(Date.now());
            progress(`${openedAt.length} of ${runs} due times`);
          }
          wasOpen = items.length > 0;
          await sleep(25);
        }
        return (await view(channel)).state === "finished";
      },
      (runs + 2) * EVERY_SECS * 1000,
    );
    await sleep(1000);
    const found = await rows(channel);
    const leads = found.map(({ dueAt }, index) => dueAt - (openedAt[index] ?? dueAt));
    const prompts = await Promise.all(found.map(({ promptId = "" }) => prompt(promptId)));
    const cold = prompts.filter(({ timings }) => timings.openMs !== undefined).length;
    const { preWarms } = await view(channel);
    const median = quantile(leads, 0.5);
    const line = (what: string, value: number, unit: string, atMost?: number) => ({
      what: `agent that takes ${OPENS_MS / 1000} s to open: ${what}`,
      arm: product.name,
      value: Math.round(value * 10) / 10,
      unit,
      ...(atMost === undefined ? {} : { atMost }),
    });
    return {
      settings: { runs, everySecs: EVERY_SECS, opensMs: OPENS_MS },
      arms: [],
      ratios: [],
      figures: [
        line(
          "opened before its due time, auto",
          median / 1000,
          "s",
          FIXED_LEAD_MS / 1000 / LEAST_TIMES_LESS,
        ),
        line("fixed lead, times that of auto", FIXED_LEAD_MS / median, "x"),
        line("cold starts", cold, "of all", 0),
        line("pre-warms that were late", preWarms.late, "of all", 0),
      ],
      violations:
        openedAt.length === runs ? [] : [`its session was opened ${openedAt.length} times`],
      redis: redis.engine,
    };
  } finally {
    await product.stop();
    await redis.stop();
  }
}
