import { setTimeout as sleep } from "node:timers/promises";
import { type RunningPilotlight, startPilotlight } from "@pilotlight/testkit";
import { type Host, startHost } from "../arms/start-host.ts";
import { type Failover, followTurn } from "./follow-turn.ts";
import { wordsAnswer, wordsPrompt } from "./words.ts";
import { holderOf } from "./workers-of.ts";

/** Its processes are gone, and their connections with them; or both are there and will never move again. */
export type Loss = "killed" | "frozen";

export interface LostMachinesOptions {
  readonly rounds: number;
  readonly leaseTtlMs: number;
  readonly redisUrl: string;
  readonly random: () => number;
  progress(line: string): void;
}

/** Each holds one streaming turn and is lost at a moment of its own. */
const LOST_PER_ROUND = 4;
const WORDS = 200;
const CHUNK_MS = 100;
/** A lease is renewed every sixth of its life: machines are lost at any moment of such a sixth. */
const RENEWALS_PER_TTL = 6;

const CONFIG = `
[agents.demo]
asks_before_changes = false
[workers]
count = 0
`;

/**
 * Machines that are lost as a whole, so that nobody is left to hand anything over, with one that stands by. All share
 * this machine, but no warden starts on it meanwhile: only that would look whether processes of others are dead.
 */
export async function loseMachines(
  options: LostMachinesOptions,
): Promise<Record<Loss, readonly Failover[]>> {
  const { redisUrl, leaseTtlMs } = options;
  const env = {
    REDIS_URL: redisUrl,
    PILOTLIGHT_WORKERS_LEASE_TTL_SECS: String(leaseTtlMs / 1000),
  };
  const system = await startPilotlight({ config: CONFIG, env });
  const failovers: Record<Loss, Failover[]> = { killed: [], frozen: [] };
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      for (const [i, one] of (await loseSome(system, env, round, options)).entries()) {
        failovers[lossOf(i)].push(one);
      }
      options.progress(
        `${round + 1} of ${options.rounds} rounds of ${LOST_PER_ROUND} machines lost`,
      );
    }
  } finally {
    await system.stop();
  }
  return failovers;
}

const lossOf = (number: number): Loss => (number % 2 === 0 ? "killed" : "frozen");

async function loseSome(
  system: RunningPilotlight,
  env: Readonly<Record<string, string>>,
  round: number,
  { leaseTtlMs, random }: LostMachinesOptions,
): Promise<readonly Failover[]> {
  const hosts: Host[] = [];
  const start = async (maxSessions: number) => {
    const more = { PILOTLIGHT_WORKERS_MAX_SESSIONS: String(maxSessions) };
    hosts.push(await startHost(system, { ...env, ...more }));
  };
  try {
    // With room for one session each, every machine gets one.
    await Promise.all(Array.from({ length: LOST_PER_ROUND }, () => start(1)));
    const standby = Promise.withResolvers<void>();
    const follow = async (number: number) => {
      const channel = `r${round}-${number}`;
      const delayMs = (random() * leaseTtlMs) / RENEWALS_PER_TTL;
      const response = await system.fetch(`/v1/channels/${channel}/prompts`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify({ prompt: wordsPrompt(WORDS, CHUNK_MS) }),
      });
      return await followTurn(response, {
        name: `machine ${lossOf(number)} under ${channel}`,
        heardBefore: 1,
        whole: wordsAnswer(WORDS),
        attempts: "announced",
        async kill() {
          const { worker } = await holderOf(system, channel);
          const host = hosts.find((one) => one.workerPid === worker);
          begun.push(channel);
          if (begun.length === LOST_PER_ROUND) {
            // Only now is there room elsewhere.
            start(LOST_PER_ROUND).then(standby.resolve, standby.reject);
          }
          await standby.promise;
          await sleep(delayMs);
          const atMs = performance.now();
          host?.[lossOf(number) === "killed" ? "kill" : "freeze"]();
          return atMs;
        },
      });
    };
    const begun: string[] = [];
    return await Promise.all(Array.from({ length: LOST_PER_ROUND }, (_, i) => follow(i)));
  } finally {
    const standby = hosts.pop();
    for (const lost of hosts) {
      lost.kill();
    }
    await standby?.stop();
  }
}
