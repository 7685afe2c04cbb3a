import { isAlive, type RunningPilotlight, readEvents, startPilotlight } from "@pilotlight/testkit";
import type { Benchmark, FigureLine } from "../benchmark.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { quantile } from "../harness/quantile.ts";
import { summarize } from "../harness/summarize.ts";
import { waitUntil } from "../harness/wait-until.ts";

const FULL = { kills: 30 };
const QUICK = { kills: 3 };
const WORKERS = 2;
const WORDS = 150;
/** Pieces of the answer that are heard before the kill: the phase is another one each time. */
const MOST_HEARD = 60;
const READY_MS = 30_000;
const METRIC = "killed to the next token on the same stream";

type Victim = "worker" | "agent";

interface Failover {
  readonly ms: number;
  readonly violations: readonly string[];
}

export const failover: Benchmark = {
  name: "failover",
  title: "SIGKILL in the middle of a streamed turn, to the next token of the resumed session",
  async run({ quick, random, progress }) {
    const settings = quick ? QUICK : FULL;
    const redis = await startPrivateRedis();
    const system = await startPilotlight({ config: CONFIG, env: { REDIS_URL: redis.url } });
    const times: Record<Victim, number[]> = { worker: [], agent: [] };
    const violations: string[] = [];
    try {
      for (let i = 0; i < settings.kills; i += 1) {
        for (const victim of ["worker", "agent"] as const) {
          await bothWorkersRun(system);
          const heard = 1 + Math.floor(random() * MOST_HEARD);
          const one = await killDuring(system, `c${i % 5}`, victim, heard);
          times[victim].push(one.ms);
          violations.push(...one.violations);
        }
        progress(`${i + 1} of ${settings.kills} kills each`);
      }
    } finally {
      await system.stop();
      await redis.stop();
    }
    const figure = (victim: Victim, name: string, value: number, atMost?: number): FigureLine => ({
      what: `${victim} ${METRIC}, ${name}`,
      arm: "pilotlight",
      value: Math.round(value),
      unit: "ms",
      ...(atMost === undefined ? {} : { atMost }),
    });
    return {
      settings: { ...settings, workers: WORKERS, agent: "demo" },
      arms: (["worker", "agent"] as const).map((victim) =>
        summarize("pilotlight", `${victim} ${METRIC}`, "ms", [times[victim]]),
      ),
      ratios: [],
      figures: [
        figure("worker", "median", quantile(times.worker, 0.5), 1000),
        figure("worker", "longest", quantile(times.worker, 1), 2000),
        figure("agent", "median", quantile(times.agent, 0.5)),
      ],
      violations,
      redis: redis.engine,
    };
  },
};

const CONFIG = `
[agents.demo]
asks_before_changes = false
[workers]
count = ${WORKERS}
`;

/** Streams a prompt, kills in the middle of it, and follows the same stream to its end. */
async function killDuring(
  system: RunningPilotlight,
  channel: string,
  victim: Victim,
  heardBefore: number,
): Promise<Failover> {
  const response = await system.fetch(`/v1/channels/${channel}/prompts`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ prompt: `[[chunk-ms 20]] [[words ${WORDS}]]` }),
  });
  let heard = 0;
  let attempts = 0;
  let text = "";
  let killedAtMs: number | undefined;
  let nextAtMs: number | undefined;
  let end = "none";
  const ids: string[] = [];
  for await (const event of readEvents(response)) {
    ids.push(event.id);
    end = event.type;
    if (event.type === "started") {
      attempts += 1;
      text = "";
    }
    const piece = pieceOf(event.data);
    if (piece === undefined) {
      continue;
    }
    heard += 1;
    text += piece;
    if (attempts === 2) {
      nextAtMs ??= event.atMs;
    }
    if (killedAtMs === undefined && heard >= heardBefore) {
      const pid = await pidOf(system, channel, victim);
      killedAtMs = performance.now();
      process.kill(pid, "SIGKILL");
    }
  }
  const whole = Array.from({ length: WORDS }, (_, i) => `word${i + 1}`).join(" ");
  const violations = [
    ...(end === "completed" ? [] : [`${channel}: the stream ended with ${end}`]),
    ...(attempts === 2 ? [] : [`${channel}: ${attempts} attempts`]),
    ...(text === whole ? [] : [`${channel}: the last attempt's answer is not whole`]),
    ...(new Set(ids).size === ids.length ? [] : [`${channel}: an event came twice`]),
  ];
  return { ms: (nextAtMs ?? Number.NaN) - (killedAtMs ?? Number.NaN), violations };
}

function pieceOf(data: Record<string, unknown>): string | undefined {
  const update = data.update as { sessionUpdate?: string; content?: { text?: string } } | undefined;
  return update?.sessionUpdate === "agent_message_chunk" ? (update.content?.text ?? "") : undefined;
}

async function pidOf(system: RunningPilotlight, channel: string, victim: Victim): Promise<number> {
  const sessions = await listOf<{ channel: string; worker: string; pid: number }>(
    system,
    "/v1/sessions",
  );
  const session = sessions.find((one) => one.channel === channel);
  if (victim === "agent") {
    return session?.pid ?? 0;
  }
  const workers = await listOf<{ id: string; pid: number }>(system, "/v1/workers");
  return workers.find(({ id }) => id === session?.worker)?.pid ?? 0;
}

async function bothWorkersRun(system: RunningPilotlight): Promise<void> {
  const enough = async () => {
    const workers = await listOf<{ pid: number }>(system, "/v1/workers");
    return workers.filter(({ pid }) => isAlive(pid)).length === WORKERS;
  };
  await waitUntil("both workers run", enough, READY_MS);
}

async function listOf<T>(system: RunningPilotlight, path: string): Promise<readonly T[]> {
  return ((await (await system.fetch(path)).json()) as { items: T[] }).items;
}
