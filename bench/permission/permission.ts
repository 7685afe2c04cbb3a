import { openBareSession } from "../arms/acp-session.ts";
import { ASKING_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { BenchContext, Benchmark, BenchOutcome, FigureLine, RatioLine } from "../benchmark.ts";
import type { Arm } from "../harness/arm.ts";
import { compareBlocks } from "../harness/compare-blocks.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { median, quantile } from "../harness/quantile.ts";
import { runInterleaved } from "../harness/run-interleaved.ts";
import { startProcess } from "../harness/start-process.ts";
import { summarize } from "../harness/summarize.ts";
import { type AskingTarget, answerAtOnce } from "./answer-at-once.ts";
import { killAndReplace, START_MS } from "./kill-and-replace.ts";

const FULL = { blocks: 10, perBlock: 100, replaced: 5 };
const QUICK = { blocks: 2, perBlock: 20, replaced: 1 };
const WARM_UPS = 30;
const METRIC = "permission asked to its answer at the agent";
const CHANNEL = "asking";

export const permission: Benchmark = {
  name: "permission",
  title: "an agent asks for leave, a client answers at once, the agent goes on",
  async run(context) {
    const stops: (() => Promise<unknown>)[] = [];
    try {
      return await measure(context, (stop) => stops.unshift(stop));
    } finally {
      for (const stop of stops) {
        await stop();
      }
    }
  },
};

async function measure(
  context: BenchContext,
  atEnd: (stop: () => Promise<unknown>) => void,
): Promise<BenchOutcome> {
  const settings = context.quick ? QUICK : FULL;
  context.progress("starting the arms");
  const redis = await startPrivateRedis();
  atEnd(() => redis.stop());
  const gateway = await startProcess<{ port: number }>("../permission/asking-gateway.ts", {
    agent: ASKING_AGENT,
  });
  atEnd(() => gateway.stop());
  const direct = await openBareSession(ASKING_AGENT, { onPermission: () => "allow" });
  atEnd(() => direct.close());
  const product = await startProduct({
    redisUrl: redis.url,
    agent: ASKING_AGENT,
    env: { PILOTLIGHT_ACP_PERMISSIONS: "ask" },
  });
  atEnd(() => product.stop());

  const violations: string[] = [];
  const overHttp = (target: AskingTarget) => (prompt: string) => answerAtOnce(target, prompt);
  const base = `http://127.0.0.1:${gateway.ready.port}`;
  const { url, apiKey } = product.system;
  const arms = [
    arm("direct", violations, async (prompt) => {
      let said = "";
      await direct.prompt(prompt, (update) => {
        said += update.sessionUpdate === "agent_message_chunk" ? textOf(update.content) : "";
      });
      return said;
    }),
    arm(
      "in-process",
      violations,
      overHttp({
        promptsUrl: `${base}/prompts`,
        answerUrl: (id) => `${base}/permissions/${id}/answer`,
      }),
    ),
    arm(
      "pilotlight",
      violations,
      overHttp({
        promptsUrl: `${url}/v1/channels/${CHANNEL}/prompts`,
        answerUrl: (id) => `${url}/v1/permissions/${id}/answer`,
        headers: { authorization: `Bearer ${apiKey}` },
      }),
    ),
  ];
  for (const one of arms) {
    for (let i = 0; i < WARM_UPS; i += 1) {
      await one.sample();
    }
  }
  const samples = await runInterleaved(arms, {
    ...settings,
    random: context.random,
    onBlock: (done, of) => context.progress(`block ${done} of ${of}`),
  });
  const replaced: number[] = [];
  for (let i = 0; i < settings.replaced; i += 1) {
    context.progress(`an agent killed and replaced, ${i + 1} of ${settings.replaced}`);
    replaced.push(await killAndReplace());
  }
  const blocks = (name: string) => samples.get(name) ?? [];
  const ratio = (to: string, q: number, atMost?: number): RatioLine => ({
    metric: METRIC,
    arm: "pilotlight",
    base: to,
    quantile: q,
    ...compareBlocks(blocks("pilotlight"), blocks(to), q, context.random),
    ...(atMost === undefined ? {} : { atMost }),
  });
  const times = blocks("pilotlight").flat();
  const figure = (what: string, value: number, unit: string, atMost?: number): FigureLine => ({
    what,
    arm: "pilotlight",
    value: Math.round(value * 100) / 100,
    unit,
    ...(atMost === undefined ? {} : { atMost }),
  });
  return {
    settings: { ...settings, agent: "asking-agent", replacedAgentStartMs: START_MS },
    arms: [
      ...arms.map(({ name }) => summarize(name, METRIC, "ms", blocks(name))),
      summarize("kill and replace", METRIC, "ms", [replaced]),
    ],
    ratios: [ratio("in-process", 0.5, 1.5), ratio("in-process", 0.99), ratio("direct", 0.5)],
    figures: [
      figure("p99 of the round trip", quantile(times, 0.99), "ms", 10),
      figure(
        "of what killing and replacing takes",
        (1000 * median(times)) / median(replaced),
        "per mille",
        2,
      ),
    ],
    violations,
    redis: redis.engine,
  };
}

/** Every answer has to be that of its own prompt, of the next turn in the same process, and an allowing one. */
function arm(
  name: string,
  violations: string[],
  ask: (prompt: string) => Promise<string>,
): Arm<number> {
  let turn = 0;
  return {
    name,
    async sample() {
      turn += 1;
      const prompt = `${name} ${turn}`;
      const said = JSON.parse(await ask(prompt)) as Record<string, unknown>;
      if (said.turn !== turn || said.said !== prompt || said.option !== "allow") {
        violations.push(`${prompt}: ${JSON.stringify(said)}`);
      }
      return Number(said.roundTripMs);
    },
    stop: () => Promise.resolve(),
  };
}

function textOf(content: { readonly type: string; readonly text?: string }): string {
  return content.text ?? "";
}
