import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Gateway } from "../arms/gateway.ts";
import type { BenchContext, Benchmark, BenchOutcome, FigureLine } from "../benchmark.ts";
import { type Blocks, compareBlocks } from "../harness/compare-blocks.ts";
import { findViolations } from "../harness/exactness.ts";
import { inParallel } from "../harness/in-parallel.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { shuffled } from "../harness/run-interleaved.ts";
import { summarize } from "../harness/summarize.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { type Keep, withParts } from "../harness/with-parts.ts";
import type { Restartable } from "./restartable.ts";
import { startRestartableNaive } from "./restartable-naive.ts";
import { type RestartableProduct, startRestartableProduct } from "./restartable-product.ts";
import { type LoadedPrompt, runLoad, send } from "./run-load.ts";

const FULL = { channels: 100, blocks: 9, steadyMs: 5000, ratePerSecond: 50, floor: 30, idle: 5 };
const QUICK = { channels: 20, blocks: 1, steadyMs: 2000, ratePerSecond: 30, floor: 5, idle: 1 };
const WARMED_AT_ONCE = 8;
const COLD_MS = 30_000;
const STEADY = "first token, steady";
const RESTART = "first token of what was sent during the restarts";
const DRAIN = "SIGTERM to the end of a worker under load";
const IDLE = "SIGTERM to the end of an idle worker";
const MOST_BEYOND_MS = 300;
const MOST_DRAIN_MS = 250;

export const rollingRestart: Benchmark = {
  name: "rolling-restart",
  title: "two workers with warm channels restarted one after the other under load",
  run: (context) => withParts((keep) => measure(context, keep)),
};

/** What one way of doing it showed, by block where it is compared. */
interface Shown {
  readonly arm: Restartable;
  readonly steady: number[][];
  readonly restart: number[][];
  readonly drains: number[];
  readonly prompts: LoadedPrompt[];
}

async function measure(context: BenchContext, keep: Keep): Promise<BenchOutcome> {
  const settings = context.quick ? QUICK : FULL;
  const { random, progress } = context;
  const channels = Array.from({ length: settings.channels }, (_, i) => `c${i}`);
  const agentHome = mkdtempSync(join(tmpdir(), "bench-agents-"));
  keep({ stop: async () => rmSync(agentHome, { recursive: true, force: true }) });
  const redis = keep(await startPrivateRedis());
  const naiveRedis = keep(await startPrivateRedis());
  progress("starting the arms");
  const product = keep(await startRestartableProduct(redis.url, settings.channels, agentHome));
  const naive = keep(await startRestartableNaive(channels, naiveRedis.url));
  const shown = [product, naive].map(
    (arm): Shown => ({ arm, steady: [], restart: [], drains: [], prompts: [] }),
  );

  const shares: number[] = [];
  for (let block = 0; block <= settings.blocks; block += 1) {
    for (const one of shuffled(shown, random)) {
      if (one.arm === product) {
        await coolAll(product, channels);
      }
      one.prompts.push(...(await warmAll(one.arm, channels, `block ${block}`)));
      if (one.arm === product) {
        shares.push(await largestShare(product));
      }
      const options = { ...settings, random, name: `block ${block} steady` };
      const steady = await runLoad(one.arm, channels, options, () => sleep(settings.steadyMs));
      let drains: readonly number[] = [];
      const restart = await runLoad(
        one.arm,
        channels,
        { ...options, name: `block ${block} restart` },
        async () => {
          drains = await one.arm.restartAll();
        },
      );
      one.prompts.push(...steady, ...restart);
      // The first block warms up.
      if (block > 0) {
        one.steady.push(timesOf(steady));
        one.restart.push(timesOf(restart));
        one.drains.push(...drains);
      }
    }
    progress(`block ${block} of ${settings.blocks}`);
  }

  progress("closing, resuming and draining without load");
  const [ours, theirs] = shown as [Shown, Shown];
  ours.prompts.push(...(await warmAll(product, channels, "floor")));
  const floor = await closeAndResume(product, channels.slice(0, settings.floor), ours.prompts);
  const idleDrains: number[] = [];
  for (let i = 0; i < settings.idle; i += 1) {
    await coolAll(product, channels);
    ours.prompts.push(...(await warmAll(product, channels, `idle ${i}`)));
    const [first = Number.NaN] = await product.restartAll();
    // Only the first one had its own share of the channels: the second one may have been given more.
    idleDrains.push(first);
  }
  await coolAll(product, channels);
  const bareDrains = await product.restartAll();

  const steadyP99 = quantile(ours.steady.flat(), 0.99);
  const restartP99 = quantile(ours.restart.flat(), 0.99);
  const closeMs = quantile(floor.closes, 0.5);
  const resumeMs = quantile(floor.resumes, 0.5);
  const figure = (what: string, value: number, unit: string, atMost?: number): FigureLine => ({
    what,
    arm: product.name,
    value: Math.round(value * 10) / 10,
    unit,
    ...(atMost === undefined ? {} : { atMost }),
  });
  const failuresOf = (one: Shown) => one.prompts.flatMap(({ failure }) => failure ?? []);
  const blocksOf = (of: (one: Shown) => Blocks) => shown.map(of) as [Blocks, Blocks];
  const [oursByBlock, naiveByBlock] = blocksOf((one) => one.restart);
  return {
    settings: {
      ...settings,
      workers: 2,
      agent: "resuming-agent",
      largestShares: shares,
      failures: [...new Set(shown.flatMap(failuresOf))],
    },
    arms: [
      ...shown.map(({ arm, steady }) => summarize(arm.name, STEADY, "ms", steady)),
      ...shown.map(({ arm, restart }) => summarize(arm.name, RESTART, "ms", restart)),
      ...shown.map(({ arm, drains }) => summarize(arm.name, DRAIN, "ms", [drains])),
      summarize(product.name, `${IDLE}, half of the channels warm`, "ms", [idleDrains]),
      summarize(product.name, `${IDLE}, no channel warm`, "ms", [bareDrains]),
      summarize(product.name, "close of an idle session, seen by a client", "ms", [floor.closes]),
      summarize(product.name, "first token on a channel gone cold", "ms", [floor.resumes]),
    ],
    ratios: [0.5, 0.99].map((q) => ({
      metric: RESTART,
      arm: product.name,
      base: naive.name,
      quantile: q,
      ...compareBlocks(oursByBlock, naiveByBlock, q, random),
    })),
    figures: [
      figure("failed prompts", failuresOf(ours).length, "", 0),
      { ...figure("failed prompts", failuresOf(theirs).length, ""), arm: naive.name },
      figure(
        "p99 during the restarts beyond p99 steady + close + resume",
        restartP99 - steadyP99 - closeMs - resumeMs,
        "ms",
        MOST_BEYOND_MS,
      ),
      figure(
        "drain of an idle worker with its warm channels, median",
        quantile(idleDrains, 0.5),
        "ms",
        MOST_DRAIN_MS,
      ),
      figure(
        "drain of an idle worker without channels, median",
        quantile(bareDrains, 0.5),
        "ms",
        MOST_DRAIN_MS,
      ),
    ],
    violations: [
      ...findViolations(product.name, answered(ours.prompts), { inOrder: true }),
      // Its sessions begin anew with its processes: only that each answer belongs to its prompt can be asked.
      ...answered(theirs.prompts)
        .filter(({ sent, heard }) => heard.replace(/^#\d+ /, "") !== sent)
        .map(({ sent, heard }) => `${naive.name}: "${sent}" was answered "${heard}"`),
    ],
    redis: redis.engine,
  };
}

/** In the order in which they were sent. */
function answered(prompts: readonly LoadedPrompt[]) {
  return prompts.flatMap(({ channel, sent, heard }) =>
    heard === undefined ? [] : [{ channel, sent, heard }],
  );
}

function timesOf(prompts: readonly LoadedPrompt[]): number[] {
  return prompts.flatMap(({ firstTokenMs }) => firstTokenMs ?? []);
}

async function warmAll(
  arm: Gateway,
  channels: readonly string[],
  name: string,
): Promise<readonly LoadedPrompt[]> {
  const prompts: LoadedPrompt[] = [];
  await inParallel(channels, WARMED_AT_ONCE, async (channel) => {
    prompts.push(await send(arm, channel, `${name} warm-up`));
  });
  return prompts;
}

interface SessionEntry {
  readonly channel: string;
  readonly worker: string;
}

async function sessionsOf(product: RestartableProduct): Promise<readonly SessionEntry[]> {
  const response = await product.system.fetch("/v1/sessions");
  return ((await response.json()) as { items: SessionEntry[] }).items;
}

async function cool(product: RestartableProduct, channel: string): Promise<void> {
  const response = await product.system.fetch(`/v1/channels/${channel}/cool`, { method: "POST" });
  await response.body?.cancel();
}

/** So that the channels are shared anew among the workers when they are used next. */
async function coolAll(product: RestartableProduct, channels: readonly string[]): Promise<void> {
  await inParallel(channels, WARMED_AT_ONCE, (channel) => cool(product, channel));
  const none = async () => (await sessionsOf(product)).length === 0;
  await waitUntil("all channels are cold", none, COLD_MS);
}

/** How many channels the worker holds that holds the most. */
async function largestShare(product: RestartableProduct): Promise<number> {
  const counts = new Map<string, number>();
  for (const { worker } of await sessionsOf(product)) {
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

/** One channel at a time: from the wish to the end of its session, and the first token of the next prompt. */
async function closeAndResume(
  product: RestartableProduct,
  channels: readonly string[],
  prompts: LoadedPrompt[],
): Promise<{ readonly closes: readonly number[]; readonly resumes: readonly number[] }> {
  const closes: number[] = [];
  const resumes: number[] = [];
  for (const channel of channels) {
    const startedMs = performance.now();
    await cool(product, channel);
    while (await hasSession(product, channel)) {
      if (performance.now() - startedMs > COLD_MS) {
        throw new Error(`${channel} did not go cold in ${COLD_MS} ms`);
      }
    }
    closes.push(performance.now() - startedMs);
    const prompt = await send(product, channel, "resumed");
    prompts.push(prompt);
    resumes.push(prompt.firstTokenMs ?? Number.NaN);
  }
  return { closes, resumes };
}

async function hasSession(product: RestartableProduct, channel: string): Promise<boolean> {
  const response = await product.system.fetch(`/v1/sessions?channel=${channel}`);
  return ((await response.json()) as { items: unknown[] }).items.length > 0;
}
