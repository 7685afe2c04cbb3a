import { setTimeout as sleep } from "node:timers/promises";
import { CLOCK_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { BenchContext, BenchOutcome } from "../benchmark.ts";
import { compareBlocks } from "../harness/compare-blocks.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { summarize } from "../harness/summarize.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { startDelayedJobs } from "./delayed-jobs.ts";
import { schedulesOf } from "./schedules-of.ts";

const FULL = { blocks: 10, perBlock: 60 };
const QUICK = { blocks: 2, perBlock: 8 };
/** Each fires every second; the due times of all, and those of the raw jobs between them, are evenly apart. */
const CHANNELS = 4;
const APART_MS = 1000 / CHANNELS;
const METRIC = "due time to the prompt at its agent, one at a time";
const RAW_METRIC = "due time to the job's processor, one at a time";
const MOST_P50_MS = 2;
const MOST_P99_MS = 10;
const MOST_OF_RAW = 0.1;
const BEGIN_MS = 5000;
/** The agent reads a clock that was set when it started. */
const CLOCKS_APART_MS = 1;

/** One due time after the other: what lies between it and the agent, beside a delayed job that does nothing. */
export async function alone({ quick, random, progress }: BenchContext): Promise<BenchOutcome> {
  const settings = quick ? QUICK : FULL;
  const redis = await startPrivateRedis();
  const rawRedis = await startPrivateRedis();
  const raw = await startDelayedJobs(rawRedis.url);
  const product = await startProduct({ redisUrl: redis.url, agent: CLOCK_AGENT });
  try {
    const { put, view, rows, prompt, warm } = schedulesOf(product);
    const ids = Array.from({ length: CHANNELS }, (_, index) => `alone-${index}`);
    await warm(ids);
    const each = (settings.blocks * settings.perBlock) / CHANNELS;
    const beginMs = Math.ceil((Date.now() + BEGIN_MS) / 1000) * 1000;
    for (const [index, id] of ids.entries()) {
      const startAt = new Date(beginMs + index * APART_MS).toISOString();
      await put(id, {
        channel: id,
        prompt: "now",
        everySecs: 1,
        startAt,
        maxRuns: each,
        preWarmSecs: 0,
      });
    }
    progress(`${settings.blocks * settings.perBlock} due times, ${APART_MS} ms apart`);
    const jobs: Promise<number>[] = [];
    for (let n = 0; n < settings.blocks * settings.perBlock; n += 1) {
      const dueMs = beginMs + n * APART_MS + APART_MS / 2;
      await sleep(Math.max(0, dueMs - 2000 - Date.now()));
      jobs.push(raw.latenessMs(dueMs));
    }
    const rawTimes = await Promise.all(jobs);
    await waitUntil(
      "all have fired",
      async () => (await Promise.all(ids.map(view))).every(({ state }) => state === "finished"),
      30_000,
    );
    await sleep(1000);
    const found: { dueAt: number; latenessMs: number }[] = [];
    const violations: string[] = [];
    for (const id of ids) {
      for (const { dueAt, promptId, opened, outcome } of await rows(id)) {
        const { text = "" } = promptId === undefined ? {} : await prompt(promptId);
        const [, atMs] = /^#\d+ ([\d.]+)$/.exec(text) ?? [];
        if (atMs === undefined || opened !== "warm" || Number(atMs) < dueAt - CLOCKS_APART_MS) {
          violations.push(`${id}@${dueAt}: ${outcome}, opened ${opened}, "${text}"`);
        } else {
          found.push({ dueAt, latenessMs: Number(atMs) - dueAt });
        }
      }
    }
    found.sort((a, b) => a.dueAt - b.dueAt);
    if (found.length !== rawTimes.length) {
      violations.push(`${found.length} of ${rawTimes.length} due times have an answer`);
      return outcomeOf(redis.engine, violations);
    }
    const ours = inBlocks(
      found.map(({ latenessMs }) => latenessMs),
      settings.perBlock,
    );
    const theirs = inBlocks(rawTimes, settings.perBlock);
    const figure = (q: number, atMost: number) => ({
      what: `lateness alone, p${q * 100}`,
      arm: product.name,
      value: Math.round(quantile(ours.flat(), q) * 100) / 100,
      unit: "ms",
      atMost,
    });
    return {
      ...outcomeOf(redis.engine, violations),
      arms: [
        summarize(product.name, METRIC, "ms", ours),
        summarize("raw BullMQ", RAW_METRIC, "ms", theirs),
      ],
      ratios: [0.5, 0.99].map((q) => ({
        metric: METRIC,
        arm: product.name,
        base: "raw BullMQ",
        quantile: q,
        ...compareBlocks(ours, theirs, q, random),
        ...(q === 0.99 ? { atMost: MOST_OF_RAW } : {}),
      })),
      figures: [figure(0.5, MOST_P50_MS), figure(0.99, MOST_P99_MS)],
    };
  } finally {
    await raw.stop();
    await product.stop();
    await Promise.all([redis.stop(), rawRedis.stop()]);
  }
}

function outcomeOf(redis: string, violations: readonly string[]): BenchOutcome {
  return { settings: {}, arms: [], ratios: [], figures: [], violations, redis };
}

/** The first one is warm-up. */
function inBlocks(times: readonly number[], perBlock: number): number[][] {
  const blocks = Array.from({ length: times.length / perBlock }, (_, index) =>
    times.slice(index * perBlock, (index + 1) * perBlock),
  );
  return blocks.slice(1);
}
