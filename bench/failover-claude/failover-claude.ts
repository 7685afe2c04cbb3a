import { type Prompt, promptSchema } from "@pilotlight/contracts";
import {
  lastUserText,
  type ModelScript,
  type RunningPilotlight,
  say,
  startFakeModel,
  startPilotlight,
} from "@pilotlight/testkit";
import { claudeCommand } from "../../test/e2e/claude-adapter.ts";
import { claudeConfig, claudeEnvironment } from "../../test/e2e/claude-config.ts";
import type { BenchContext, Benchmark, BenchOutcome, FigureLine } from "../benchmark.ts";
import { type Failover, followTurn } from "../failover/follow-turn.ts";
import { holderOf, workersRun } from "../failover/workers-of.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { shuffled } from "../harness/run-interleaved.ts";
import { summarize } from "../harness/summarize.ts";
import { type BareConversation, beginBareConversation } from "./bare-resume.ts";

const FULL = { kills: 15 };
const QUICK = { kills: 2 };
const WORKERS = 2;
const WORDS = 40;
const WORD_MS = 50;
/** Pieces that are heard before the kill. */
const MOST_HEARD = 15;
const MOST_BEYOND_MS = 500;
const FIRST_PROMPT = "My number is 42.";
const LONG_PROMPT = "Tell me the long story.";
const METRIC = "worker killed to the next token on the same stream";
const BARE_METRIC = "process started, session resumed, prompted: to the first token";

const WHOLE = Array.from({ length: WORDS }, (_, i) => `word${i + 1} `);

/** A story is told word by word; everything else is answered at once. */
const script: ModelScript = (request) =>
  lastUserText(request).includes(LONG_PROMPT)
    ? {
        kind: "answer",
        parts: WHOLE.map((text, i) => ({ kind: "text", text, afterMs: i === 0 ? 0 : WORD_MS })),
      }
    : say("Noted.");

export const failoverClaude: Benchmark = {
  name: "failover-claude",
  title: "SIGKILL of a worker in a turn of the real Claude agent, beside a bare resume",
  async run(context) {
    // Says how to install it where it is not there.
    const command = claudeCommand();
    const redis = await startPrivateRedis();
    const model = await startFakeModel(script);
    try {
      const system = await startPilotlight({
        config: `${claudeConfig(model.url, "deny-all")}\n[workers]\ncount = ${WORKERS}\n`,
        env: { REDIS_URL: redis.url },
      });
      try {
        const bare: BareConversation[] = [];
        const begin = async () => {
          const one = await beginBareConversation(
            command,
            claudeEnvironment(model.url),
            FIRST_PROMPT,
          );
          bare.push(one);
          return one;
        };
        try {
          return { ...(await measure(context, system, begin)), redis: redis.engine };
        } finally {
          // Not sooner: what the adapter leaves behind still writes for a moment.
          for (const one of bare) {
            one.remove();
          }
        }
      } finally {
        await system.stop();
      }
    } finally {
      await model.close();
      await redis.stop();
    }
  },
};

async function measure(
  { quick, random, progress }: BenchContext,
  system: RunningPilotlight,
  begin: () => Promise<BareConversation>,
): Promise<Omit<BenchOutcome, "redis">> {
  const settings = quick ? QUICK : FULL;
  const failovers: Failover[] = [];
  const bareTimes: number[] = [];
  const violations: string[] = [];
  // One of each before it counts: the agent's files are read from the disk for the first time.
  for (let i = 0; i <= settings.kills; i += 1) {
    const heardBefore = 1 + Math.floor(random() * MOST_HEARD);
    const rounds = [
      async () => {
        // A new one each time: as long as the one whose worker is killed.
        const bare = await begin();
        const ms = await bare.resume(LONG_PROMPT);
        if (i > 0) {
          bareTimes.push(ms);
        }
      },
      async () => {
        const one = await killDuring(system, `c${i}`, heardBefore);
        violations.push(...one.violations);
        if (i > 0) {
          failovers.push(one);
        }
      },
    ];
    for (const round of shuffled(rounds, random)) {
      await round();
    }
    progress(`${i} of ${settings.kills} kills`);
  }
  const times = failovers.map(({ ms }) => ms);
  const beyond = (what: string, q: number, atMost?: number): FigureLine => ({
    what: `${what} beyond the median of a bare resume and prompt`,
    arm: "pilotlight",
    value: Math.round(quantile(times, q) - quantile(bareTimes, 0.5)),
    unit: "ms",
    ...(atMost === undefined ? {} : { atMost }),
  });
  return {
    settings: { ...settings, workers: WORKERS, agent: "claude", model: "fake, on loopback" },
    arms: [
      summarize("pilotlight", METRIC, "ms", [times]),
      summarize("bare SDK", BARE_METRIC, "ms", [bareTimes]),
    ],
    ratios: [],
    figures: [
      beyond("worker killed, median", 0.5, MOST_BEYOND_MS),
      beyond("worker killed, longest", 1),
    ],
    violations,
  };
}

/** A conversation of one prompt, then a long turn whose worker is killed; its channel is cold again afterwards. */
async function killDuring(
  system: RunningPilotlight,
  channel: string,
  heardBefore: number,
): Promise<Failover> {
  await workersRun(system, WORKERS);
  const path = `/v1/channels/${channel}/prompts`;
  const post = (prompt: string, headers: Record<string, string>) =>
    system.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ prompt }),
    });
  await promptOf(await post(FIRST_PROMPT, { prefer: "wait=50" }));
  const followed = await followTurn(await post(LONG_PROMPT, { accept: "text/event-stream" }), {
    name: channel,
    heardBefore,
    whole: WHOLE.join(""),
    attempts: "announced",
    async kill() {
      const { worker } = await holderOf(system, channel);
      const atMs = performance.now();
      process.kill(worker, "SIGKILL");
      return atMs;
    },
  });
  const list = await system.fetch(`/v1/prompts?channel=${channel}&limit=1`);
  const [last] = ((await list.json()) as { items: Prompt[] }).items;
  const opened = last?.attempts.at(-1)?.opened;
  await (await system.fetch(`/v1/channels/${channel}/cool`, { method: "POST" })).body?.cancel();
  return opened === "resumed"
    ? followed
    : {
        ...followed,
        violations: [...followed.violations, `${channel}: its session was opened ${opened}`],
      };
}

async function promptOf(response: Response): Promise<Prompt> {
  if (response.status !== 200) {
    throw new Error(`a prompt was not answered: ${response.status} ${await response.text()}`);
  }
  return promptSchema.parse(await response.json());
}
