import { setTimeout as sleep } from "node:timers/promises";
import { TINY_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { BenchContext, BenchOutcome } from "../benchmark.ts";
import { compareBlocks } from "../harness/compare-blocks.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { summarize } from "../harness/summarize.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { schedulesOf } from "./schedules-of.ts";

const FULL = { blocks: 10 };
const QUICK = { blocks: 2 };
const CHANNELS = 100;
const AHEAD_MS = 6000;
const METRIC = `${CHANNELS} at one instant, to the hand-over to their agents`;
const MOST_RATIO = 1.5;

/**
 * As many schedules as channels, all due at once, beside the same number of prompts POSTed at once. Both are read from
 * the journal: the moment at which the prompt was handed over, on the clock of Redis.
 */
export async function atOneInstant({
  quick,
  random,
  progress,
}: BenchContext): Promise<BenchOutcome> {
  const { blocks } = quick ? QUICK : FULL;
  const redis = await startPrivateRedis();
  const product = await startProduct({
    redisUrl: redis.url,
    agent: TINY_AGENT,
    maxSessions: CHANNELS + 10,
  });
  try {
    const { put, rows, prompt, warm } = schedulesOf(product);
    const channels = Array.from({ length: CHANNELS }, (_, index) => `instant-${index}`);
    progress("opening sessions");
    await warm(channels);
    const scheduled: number[][] = [];
    const posted: number[][] = [];
    const violations: string[] = [];
    for (let block = 0; block <= blocks; block += 1) {
      const dueMs = Date.now() + AHEAD_MS;
      const at = new Date(dueMs).toISOString();
      for (const channel of channels) {
        await put(`${channel}-${block}`, { channel, prompt: "now", at, preWarmSecs: 0 });
      }
      const times: number[] = [];
      await waitUntil(
        "all were handed over",
        async () => {
          times.length = 0;
          if (Date.now() < dueMs + 1000) {
            return false; // Asking meanwhile would be measured with it.
          }
          for (const channel of channels) {
            const [row] = await rows(`${channel}-${block}`);
            if (row?.startMs !== undefined) {
              times.push(row.startMs);
            }
          }
          return times.length === CHANNELS;
        },
        60_000,
      );
      scheduled.push(times);
      await sleep(500);
      const sentMs = Date.now();
      const ids = await Promise.all(
        channels.map(async (channel) => {
          const { url, headers } = product.target(channel);
          const response = await fetch(url, {
            method: "POST",
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify({ prompt: "now" }),
          });
          return ((await response.json()) as { id: string }).id;
        }),
      );
      await sleep(1000);
      const begun: number[] = [];
      for (const id of ids) {
        const { attempts } = await prompt(id);
        if (attempts.length !== 1) {
          violations.push(`${id}: ${attempts.length} attempts`);
        }
        begun.push((attempts[0]?.at ?? Number.NaN) - sentMs);
      }
      posted.push(begun);
      progress(`${block} of ${blocks} blocks`);
    }
    const [ours, theirs] = [scheduled.slice(1), posted.slice(1)];
    for (const early of ours.flat().filter((ms) => ms < 0)) {
      violations.push(`handed over ${-early} ms early`);
    }
    return {
      settings: { blocks, channels: CHANNELS },
      arms: [
        summarize(product.name, METRIC, "ms", ours),
        summarize("POSTed at once", METRIC, "ms", theirs),
      ],
      ratios: [
        {
          metric: METRIC,
          arm: product.name,
          base: "POSTed at once",
          quantile: 0.99,
          ...compareBlocks(ours, theirs, 0.99, random),
          atMost: MOST_RATIO,
        },
      ],
      figures: [],
      violations,
      redis: redis.engine,
    };
  } finally {
    await product.stop();
    await redis.stop();
  }
}
