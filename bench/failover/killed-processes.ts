import { type RunningPilotlight, startPilotlight } from "@pilotlight/testkit";
import { type Failover, followTurn } from "./follow-turn.ts";
import { wordsAnswer, wordsPrompt } from "./words.ts";
import { holderOf, workersRun } from "./workers-of.ts";

export type Victim = "worker" | "agent";

export interface KilledProcessesOptions {
  readonly kills: number;
  readonly redisUrl: string;
  readonly random: () => number;
  progress(line: string): void;
}

const WORKERS = 2;
const WORDS = 80;
const CHUNK_MS = 20;
/** Pieces of the answer that are heard before the kill: the phase is another one each time. */
const MOST_HEARD = 60;
const CONFIG = `
[agents.demo]
asks_before_changes = false
[workers]
count = ${WORKERS}
`;

/** Kills the worker and the agent of a streaming turn in turn, on a machine that goes on. */
export async function killProcesses(
  options: KilledProcessesOptions,
): Promise<Record<Victim, readonly Failover[]>> {
  const env = { REDIS_URL: options.redisUrl };
  const system = await startPilotlight({ config: CONFIG, env });
  const failovers: Record<Victim, Failover[]> = { worker: [], agent: [] };
  try {
    for (let i = 0; i < options.kills; i += 1) {
      for (const victim of ["worker", "agent"] as const) {
        await workersRun(system, WORKERS);
        const heardBefore = 1 + Math.floor(options.random() * MOST_HEARD);
        failovers[victim].push(await killDuring(system, `c${i % 5}`, victim, heardBefore));
      }
      options.progress(`${i + 1} of ${options.kills} kills of a worker and of an agent`);
    }
  } finally {
    await system.stop();
  }
  return failovers;
}

async function killDuring(
  system: RunningPilotlight,
  channel: string,
  victim: Victim,
  heardBefore: number,
): Promise<Failover> {
  const response = await system.fetch(`/v1/channels/${channel}/prompts`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ prompt: wordsPrompt(WORDS, CHUNK_MS) }),
  });
  return await followTurn(response, {
    name: `${victim} of ${channel}`,
    heardBefore,
    whole: wordsAnswer(WORDS),
    attempts: "announced",
    async kill() {
      const pid = (await holderOf(system, channel))[victim];
      const atMs = performance.now();
      process.kill(pid, "SIGKILL");
      return atMs;
    },
  });
}
