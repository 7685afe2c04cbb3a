import { DEMO_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { BenchContext, BenchOutcome, FigureLine } from "../benchmark.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { schedulesOf } from "./schedules-of.ts";
import { watchOpenings } from "./watch-openings.ts";

/** The fixed lead is as many times what its agent takes as 300 s are of 10 s. */
const FULL = { opensMs: [250, 3000, 10_000], perArm: 10, leadTimes: 30 };
const QUICK = { opensMs: [250, 3000], perArm: 3, leadTimes: 8 };
/** Openings that `auto` has seen before. */
const TAUGHT = ["taught-0", "taught-1", "taught-2"];
const APART_MS = 2000;
const BEGIN_MS = 6000;
const MOST_OF_OPENING = 1.5;
const LEAST_TIMES_LESS = 20;

/** How long sessions stand open before their prompts: `auto` beside a fixed lead, for agents that take differently long. */
export async function leads(context: BenchContext): Promise<BenchOutcome> {
  const settings = context.quick ? QUICK : FULL;
  const figures: FigureLine[] = [];
  const violations: string[] = [];
  let redis = "";
  for (const opensMs of settings.opensMs) {
    context.progress(`an agent that takes ${opensMs} ms to open`);
    const part = await leadsOf(opensMs, settings);
    figures.push(...part.figures);
    violations.push(...part.violations);
    redis = part.redis;
  }
  return { settings, arms: [], ratios: [], figures, violations, redis };
}

async function leadsOf(
  opensMs: number,
  { perArm, leadTimes }: Omit<typeof FULL, "opensMs">,
): Promise<Pick<BenchOutcome, "figures" | "violations" | "redis">> {
  const redis = await startPrivateRedis();
  const product = await startProduct({
    redisUrl: redis.url,
    agent: DEMO_AGENT,
    agentEnv: { DEMO_START_MS: String(opensMs), DEMO_CHUNK_MS: "0" },
    keepAliveSecs: 1,
    maxSessions: 2 * perArm + TAUGHT.length,
  });
  const { put, view, rows, warm } = schedulesOf(product);
  const watched = watchOpenings(product);
  try {
    for (const channel of TAUGHT) {
      await warm([channel]);
    }
    const leadMs = opensMs * leadTimes;
    const beginMs = Date.now() + leadMs + BEGIN_MS;
    const arms = { auto: "auto", fixed: Math.ceil(leadMs / 1000) } as const;
    const ids = Array.from({ length: perArm }, (_, index) => index);
    for (const index of ids) {
      for (const [arm, preWarmSecs] of Object.entries(arms)) {
        const half = arm === "auto" ? 0 : APART_MS / 2;
        const at = new Date(beginMs + index * APART_MS + half).toISOString();
        const id = `${arm}-${index}`;
        await put(id, { channel: id, prompt: "now", at, preWarmSecs });
      }
    }
    const spent: Record<string, number[]> = { auto: [], fixed: [] };
    const took: number[] = [];
    const violations: string[] = [];
    let [cold, late] = [0, 0];
    for (const index of ids) {
      for (const arm of Object.keys(arms)) {
        const id = `${arm}-${index}`;
        const row = await waitUntil(
          `${id} was handed over`,
          async () => (await rows(id)).find(({ startMs }) => startMs !== undefined),
          leadMs + perArm * APART_MS + 60_000,
        );
        const opening = watched.openings.get(id);
        if (opening === undefined) {
          violations.push(`${id}: its session was never seen`);
          continue;
        }
        spent[arm]?.push(row.dueAt - opening.seenAtMs);
        took.push((opening.openAtMs ?? row.dueAt) - opening.seenAtMs);
        cold += row.opened === "warm" ? 0 : 1;
        late += (await view(id)).preWarms.late;
      }
    }
    const [auto, fixed] = [quantile(spent.auto ?? [], 0.5), quantile(spent.fixed ?? [], 0.5)];
    const line = (what: string, value: number, unit: string, atMost?: number): FigureLine => ({
      what: `agent that takes ${opensMs / 1000} s to open: ${what}`,
      arm: product.name,
      value: Math.round(value * 100) / 100,
      unit,
      ...(atMost === undefined ? {} : { atMost }),
    });
    return {
      figures: [
        line("opened before its due time, auto", auto / 1000, "s"),
        line("opened before its due time, fixed lead", fixed / 1000, "s"),
        line("auto, of the longest opening", auto / quantile(took, 0.99), "x", MOST_OF_OPENING),
        line("auto, of 300 s", auto / 300_000, "x", 1 / LEAST_TIMES_LESS),
        line("cold starts", cold, `of ${2 * perArm}`, 0),
        line("pre-warms that were late", late, `of ${2 * perArm}`, 0),
      ],
      violations,
      redis: redis.engine,
    };
  } finally {
    await watched.stop();
    await product.stop();
    await redis.stop();
  }
}
