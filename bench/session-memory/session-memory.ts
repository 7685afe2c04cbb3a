import { readFileSync } from "node:fs";
import { TINY_AGENT } from "../arms/bench-agents.ts";
import { type Product, startProduct } from "../arms/product.ts";
import type { BenchContext, Benchmark, FigureLine } from "../benchmark.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { median } from "../harness/quantile.ts";
import { startProcess } from "../harness/start-process.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { listOf, useOnce } from "../idle-cost/use-once.ts";
import { pssBytes } from "./pss-bytes.ts";

const FULL = { rounds: 3, few: 20, many: 120 };
const QUICK = { rounds: 1, few: 5, many: 25 };
const COLLECTED = `--expose-gc --require ${new URL("collect-garbage.cjs", import.meta.url).pathname}`;
const OPEN_MS = 120_000;
const KIB = 1024;
const MOST_KIB = 64;
const MOST_RATIO = 2.5;

export const sessionMemory: Benchmark = {
  name: "session-memory",
  title: "memory of worker and ingress per warm session, beyond the agent's own",
  async run({ quick, progress }: BenchContext) {
    const settings = quick ? QUICK : FULL;
    const perSession = { product: [] as number[], bare: [] as number[] };
    const violations: string[] = [];
    let engine = "";
    for (let round = 0; round < settings.rounds; round += 1) {
      const redis = await startPrivateRedis();
      engine = redis.engine;
      try {
        perSession.product.push(await productSlope(redis.url, settings, violations));
        perSession.bare.push(await bareSlope(settings));
      } finally {
        await redis.stop();
      }
      progress(`${round + 1} of ${settings.rounds} rounds`);
    }
    const figure = (what: string, arm: string, value: number, unit: string, atMost?: number) =>
      ({
        what,
        arm,
        value: Math.round(value * 10) / 10,
        unit,
        ...(atMost === undefined ? {} : { atMost }),
      }) satisfies FigureLine;
    const product = median(perSession.product) / KIB;
    const bare = median(perSession.bare) / KIB;
    return {
      settings: { ...settings, agent: "a shell script" },
      arms: [],
      ratios: [],
      figures: [
        figure("PSS per warm session", "pilotlight", product, "KiB", MOST_KIB),
        figure("PSS per session", "bare SDK client", bare, "KiB"),
        figure("times the bare client's", "pilotlight", product / bare, "x", MOST_RATIO),
      ],
      violations,
      redis: engine,
    };
  },
};

interface Sizes {
  readonly few: number;
  readonly many: number;
}

async function productSlope(
  redisUrl: string,
  { few, many }: Sizes,
  violations: string[],
): Promise<number> {
  const product = await startProduct({
    redisUrl,
    agent: TINY_AGENT,
    maxSessions: many,
    env: { NODE_OPTIONS: COLLECTED },
  });
  try {
    const pids = await processesOf(product);
    const channels = Array.from({ length: many }, (_, i) => `channel-${i}`);
    violations.push(...(await useOnce(product, channels.slice(0, few))));
    const before = await pssBytes(pids);
    violations.push(...(await useOnce(product, channels.slice(few))));
    const warm = (await listOf(product, "/v1/sessions")).length;
    if (warm !== many) {
      violations.push(`${warm} sessions are warm where ${many} should be`);
    }
    return ((await pssBytes(pids)) - before) / (many - few);
  } finally {
    await product.stop();
  }
}

async function bareSlope({ few, many }: Sizes): Promise<number> {
  const holder = await startProcess<{ held: number }>(
    "../session-memory/hold-sessions.ts",
    { agent: TINY_AGENT, first: few, more: many - few },
    COLLECTED.split(" "),
  );
  try {
    const before = await pssBytes([holder.pid]);
    process.kill(holder.pid, "SIGUSR1");
    await waitUntil(
      "all sessions are open",
      async () => childrenOf(holder.pid).length === many,
      OPEN_MS,
    );
    return ((await pssBytes([holder.pid])) - before) / (many - few);
  } finally {
    await holder.stop();
  }
}

/** The worker, and the ingress that belongs to it. */
async function processesOf(product: Product): Promise<readonly number[]> {
  const [worker] = (await listOf(product, "/v1/workers")) as unknown as { pid: number }[];
  const ingress = childrenOf(product.system.pid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("ingress/src/main.ts"),
  );
  if (worker === undefined || ingress === undefined) {
    throw new Error("worker or ingress cannot be found");
  }
  return [worker.pid, ingress];
}

function childrenOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}
