import { DEMO_AGENT } from "../arms/bench-agents.ts";
import { type Product, startProduct } from "../arms/product.ts";
import type {
  ArmSummary,
  BenchContext,
  Benchmark,
  BenchOutcome,
  FigureLine,
  RatioLine,
} from "../benchmark.ts";
import type { Arm } from "../harness/arm.ts";
import { compareBlocks } from "../harness/compare-blocks.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { runInterleaved } from "../harness/run-interleaved.ts";
import { streamPrompt } from "../harness/stream-prompt.ts";
import { summarize } from "../harness/summarize.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { withParts } from "../harness/with-parts.ts";
import { startFloor } from "./floor.ts";

const FULL = { blocks: 9, perBlock: 6 };
const QUICK = { blocks: 1, perBlock: 2 };
const STARTS = [
  { initMs: 2000, newMs: 300 },
  { initMs: 0, newMs: 0 },
] as const;
const READY_MS = 60_000;
const MOST_RATIO = 1.1;
const MOST_BEYOND_MS = 3;

export const standby: Benchmark = {
  name: "standby",
  title: "first prompt on a channel that nobody ever used, to the agent's first word",
  async run(context) {
    const parts: BenchOutcome[] = [];
    for (const start of STARTS) {
      parts.push(await measure(context, start));
    }
    const [first] = parts;
    return {
      settings: { ...(context.quick ? QUICK : FULL), starts: STARTS },
      arms: parts.flatMap(({ arms }) => arms),
      ratios: parts.flatMap(({ ratios }) => ratios),
      figures: parts.flatMap(({ figures }) => figures),
      violations: parts.flatMap(({ violations }) => violations),
      redis: first?.redis ?? "",
    };
  },
};

async function measure(
  { quick, random, progress }: BenchContext,
  { initMs, newMs }: (typeof STARTS)[number],
): Promise<BenchOutcome> {
  const settings = quick ? QUICK : FULL;
  const env = {
    DEMO_CHUNK_MS: "0",
    DEMO_START_MS: String(initMs),
    DEMO_NEW_MS: String(newMs),
  };
  const metric = `first word, agent takes ${initMs} ms to start and ${newMs} ms for a session`;
  return await withParts(async (keep) => {
    progress(`starting the arms, ${initMs} ms and ${newMs} ms`);
    const redis = keep(await startPrivateRedis());
    const coldRedis = keep(await startPrivateRedis());
    const floor = keep(await startFloor(DEMO_AGENT, env));
    // Sessions of earlier samples stay open: what is measured has to find room beside them.
    const product = keep(await start(redis.url, env, 1));
    const cold = keep(await start(coldRedis.url, env, 0));
    const violations: string[] = [];
    let number = 0;

    const arm = (of: Product, opened: string, ready: () => Promise<void>): Arm<number> => ({
      name: of.name,
      async sample() {
        await ready();
        number += 1;
        const channel = `new-${number}`;
        const { firstTokenMs, text } = await streamPrompt(of.target(channel), "hello");
        const { items } = await listOf<{ session?: { opened: string } }>(
          of,
          `/v1/prompts?channel=${channel}`,
        );
        if (!text.includes('"hello"') || items[0]?.session?.opened !== opened) {
          violations.push(`${channel}: ${JSON.stringify(items[0]?.session)}, "${text}"`);
        }
        await of.system.fetch(`/v1/channels/${channel}/cool`, { method: "POST" });
        await waitUntil(
          "its session is closed",
          async () => (await listOf(of, "/v1/sessions")).items.length === 0,
          READY_MS,
        );
        return firstTokenMs;
      },
      stop: async () => undefined,
    });
    const arms: Arm<number>[] = [
      {
        name: "floor",
        sample: () => floor.firstWordMs("hello"),
        stop: async () => undefined,
      },
      arm(product, "standby", () => oneIsReady(product)),
      arm(cold, "fresh", async () => undefined),
    ];
    const samples = await runInterleaved(arms, {
      ...settings,
      random,
      onBlock: (done, of) => progress(`${done} of ${of} blocks, ${initMs} ms`),
    });
    const blocks = (name: string) => samples.get(name) ?? [];
    const ratio = (base: string, atMost?: number): RatioLine => ({
      metric,
      arm: product.name,
      base,
      quantile: 0.5,
      ...compareBlocks(blocks(product.name), blocks(base), 0.5, random),
      ...(atMost === undefined ? {} : { atMost }),
    });
    const median = (name: string) => quantile(blocks(name).flat(), 0.5);
    const beyond: FigureLine = {
      what: `${metric}, median beyond the floor's`,
      arm: product.name,
      value: Math.round((median(product.name) - median("floor")) * 100) / 100,
      unit: "ms",
      atMost: MOST_BEYOND_MS,
    };
    const summaries: ArmSummary[] = arms.map(({ name }) =>
      summarize(name, metric, "ms", blocks(name)),
    );
    return {
      settings,
      arms: summaries,
      ratios: [ratio("floor", MOST_RATIO), ratio(cold.name)],
      figures: [beyond],
      violations,
      redis: redis.engine,
    };
  });
}

function start(redisUrl: string, agentEnv: Record<string, string>, standby: number) {
  return startProduct({
    name: standby > 0 ? "standby" : "cold start",
    redisUrl,
    agent: DEMO_AGENT,
    agentEnv,
    standby,
  });
}

async function oneIsReady(product: Product): Promise<void> {
  const ready = async () => {
    const { items } = await listOf<{ standby?: { ready: number } }>(product, "/v1/workers");
    return (items[0]?.standby?.ready ?? 0) > 0;
  };
  await waitUntil("a standby session is ready", ready, READY_MS);
}

async function listOf<T>(product: Product, path: string): Promise<{ items: readonly T[] }> {
  return (await (await product.system.fetch(path)).json()) as { items: readonly T[] };
}
