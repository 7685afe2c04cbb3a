import { ECHO_AGENT } from "../arms/bench-agents.ts";
import { type Gateway, promptArm } from "../arms/gateway.ts";
import { startInProcess } from "../arms/in-process.ts";
import { startNaive } from "../arms/naive.ts";
import { startProduct } from "../arms/product.ts";
import type { ArmSummary, BenchContext, Benchmark, BenchOutcome, RatioLine } from "../benchmark.ts";
import { type Blocks, compareBlocks } from "../harness/compare-blocks.ts";
import { findViolations, type SentAndHeard } from "../harness/exactness.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { runInterleaved } from "../harness/run-interleaved.ts";
import { runOpenLoop } from "../harness/run-open-loop.ts";
import type { StreamedPrompt } from "../harness/stream-prompt.ts";
import { summarize } from "../harness/summarize.ts";
import { type Keep, withParts } from "../harness/with-parts.ts";
import { countPerPrompt } from "./count-per-prompt.ts";

const FULL = { blocks: 10, perBlock: 300, perSlice: 200, ratePerSecond: 200, counted: 200 };
const QUICK = { blocks: 3, perBlock: 40, perSlice: 50, ratePerSecond: 100, counted: 50 };
const WARM_UPS = 30;

/** One prompt at a time goes to the first channel; arrivals that do not wait are spread over all. */
const CHANNELS = ["c0", "c1", "c2", "c3"];
const CLOSED = "first token, one in flight";
const OPEN = "first token, open loop";

export const warmFirstToken: Benchmark = {
  name: "warm-first-token",
  title: "POST written to the first token of the agent at the client, warm channel",
  run: (context) => withParts((keep) => measure(context, keep)),
};

async function measure(context: BenchContext, keep: Keep): Promise<BenchOutcome> {
  const settings = context.quick ? QUICK : FULL;
  context.progress("starting the arms");
  // Each arm has a Redis of its own: what one asks of it does not slow the others.
  const naiveRedis = keep(await startPrivateRedis());
  const redis = keep(await startPrivateRedis());
  const alwaysRedis = keep(await startPrivateRedis("always"));
  const base = keep(await startInProcess(CHANNELS));
  const naive = keep(await startNaive(CHANNELS, naiveRedis.url));
  const product = keep(await startProduct({ redisUrl: redis.url, agent: ECHO_AGENT }));
  const always = keep(
    await startProduct({
      name: "pilotlight, fsync always",
      redisUrl: alwaysRedis.url,
      agent: ECHO_AGENT,
    }),
  );
  const gateways = [base, naive, product, always];

  const phases: { arm: string; answers: SentAndHeard[]; inOrder: boolean }[] = [];
  const arms = (list: readonly Gateway[], channels: readonly string[], inOrder = true) =>
    list.map((gateway) => {
      const answers: SentAndHeard[] = [];
      phases.push({ arm: gateway.name, answers, inOrder });
      return promptArm(gateway, channels, answers);
    });
  for (const arm of arms(gateways, CHANNELS)) {
    for (let i = 0; i < WARM_UPS; i += 1) {
      await arm.sample();
    }
  }
  const onBlock = (what: string) => (done: number, of: number) =>
    context.progress(`${what}: block ${done} of ${of}`);
  const closed = await runInterleaved(arms(gateways, CHANNELS.slice(0, 1)), {
    ...settings,
    random: context.random,
    onBlock: onBlock("one in flight"),
  });
  const open = await runOpenLoop(arms([base, naive, product], CHANNELS, false), {
    ...settings,
    random: context.random,
    onBlock: onBlock("open loop"),
  });
  context.progress("counting what Redis is asked");
  const [counted] = arms([product], CHANNELS.slice(0, 1));
  const figures =
    counted === undefined
      ? []
      : await countPerPrompt(product.name, redis.observer, counted, settings.counted);

  const closedTimes = timesOf(closed, (sample) => sample.firstTokenMs);
  const openTimes = new Map(
    [...open].map(([arm, blocks]) => [
      arm,
      blocks.map((block) => block.map((one) => one.sample.firstTokenMs + one.startedLateMs)),
    ]),
  );
  const ratio = (
    metric: string,
    times: ReadonlyMap<string, Blocks>,
    rest: RatioGoal,
  ): RatioLine => ({
    metric,
    ...rest,
    ...compareBlocks(
      times.get(rest.arm) ?? [],
      times.get(rest.base) ?? [],
      rest.quantile,
      context.random,
    ),
  });
  return {
    settings: { ...settings, channels: CHANNELS.length, agent: "echo-agent", logLevel: "warn" },
    arms: [
      ...summaries(CLOSED, closedTimes),
      ...summaries(
        "first event, one in flight",
        timesOf(closed, (one) => one.firstEventMs),
      ),
      ...summaries(
        "whole answer, one in flight",
        timesOf(closed, (one) => one.totalMs),
      ),
      ...summaries(OPEN, openTimes),
    ],
    ratios: [
      ratio(CLOSED, closedTimes, goal(product, base, 0.5, 1.5)),
      ratio(CLOSED, closedTimes, goal(product, base, 0.99, 1.5)),
      ratio(CLOSED, closedTimes, goal(product, naive, 0.5, 0.75)),
      ratio(CLOSED, closedTimes, goal(product, naive, 0.99)),
      ratio(CLOSED, closedTimes, goal(always, base, 0.5)),
      ratio(OPEN, openTimes, goal(product, base, 0.5)),
      ratio(OPEN, openTimes, goal(product, base, 0.99)),
      ratio(OPEN, openTimes, goal(product, naive, 0.5)),
      ratio(OPEN, openTimes, goal(product, naive, 0.99)),
    ],
    figures,
    violations: phases.flatMap((phase) => findViolations(phase.arm, phase.answers, phase)),
    redis: redis.engine,
  };
}

type RatioGoal = Pick<RatioLine, "arm" | "base" | "quantile" | "atMost">;

function goal(arm: Gateway, base: Gateway, quantile: number, atMost?: number): RatioGoal {
  const line = { arm: arm.name, base: base.name, quantile };
  return atMost === undefined ? line : { ...line, atMost };
}

function timesOf(
  samples: ReadonlyMap<string, StreamedPrompt[][]>,
  of: (sample: StreamedPrompt) => number,
): ReadonlyMap<string, Blocks> {
  return new Map([...samples].map(([arm, blocks]) => [arm, blocks.map((block) => block.map(of))]));
}

function summaries(metric: string, times: ReadonlyMap<string, Blocks>): ArmSummary[] {
  return [...times].map(([arm, blocks]) => summarize(arm, metric, "ms", blocks));
}
