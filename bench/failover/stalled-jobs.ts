import { setTimeout as sleep } from "node:timers/promises";
import { DEMO_AGENT } from "../arms/bench-agents.ts";
import type { Gateway } from "../arms/gateway.ts";
import { type StallOptions, startNaiveGateway, startNaiveWorker } from "../arms/naive.ts";
import { inParallel } from "../harness/in-parallel.ts";
import type { StartedProcess } from "../harness/start-process.ts";
import { type Failover, followTurn } from "./follow-turn.ts";
import { wordsPrompt } from "./words.ts";

export interface StalledJobsOptions {
  readonly name: string;
  /** One kill on each of so many queues, side by side. */
  readonly queues: number;
  readonly stall: StallOptions;
  /** Kills come at any moment of such a time. */
  readonly phaseMs: number;
  readonly redisUrl: string;
  readonly random: () => number;
}

/** Everything is started that the kills need, except what stands by. */
export interface StalledJobs {
  /** A job on each queue, its worker killed in the middle of it. */
  kill(): Promise<readonly Failover[]>;
  stop(): Promise<void>;
}

const STARTED_AT_ONCE = 2;
/** Slow enough to be under way still when the last one is killed. */
const CHUNK_MS = 250;
const WORDS = 300;

/**
 * Plain BullMQ: a worker is killed in the middle of a streamed job while another one stands by, and the stalled-job check
 * has that one run the job again. To the first piece of the second run; its end is not waited for.
 */
export async function startStalledJobs(options: StalledJobsOptions): Promise<StalledJobs> {
  const { redisUrl, stall } = options;
  const queues = Array.from({ length: options.queues }, (_, i) => `${options.name}-${i}`);
  const stops: (() => Promise<void>)[] = [];
  const keep = <T extends { stop(): Promise<void> }>(part: T): T => {
    stops.push(() => part.stop());
    return part;
  };
  const stop = async () => {
    await Promise.all(stops.splice(0).map((one) => one()));
  };
  const start = async (channels: readonly string[]) =>
    keep(await startNaiveWorker({ channels, redisUrl, agent: DEMO_AGENT, stall }));
  const victims = new Map<string, StartedProcess<unknown>>();
  let begun = 0;
  const standby = Promise.withResolvers<void>();

  async function killDuring(gateway: Gateway, queue: string): Promise<Failover> {
    const delayMs = options.random() * options.phaseMs;
    const response = await fetch(gateway.target(queue).url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt: wordsPrompt(WORDS, CHUNK_MS) }),
    });
    return await followTurn(response, {
      name: queue,
      heardBefore: 1,
      attempts: "repeated",
      async kill() {
        begun += 1;
        if (begun === queues.length) {
          // Not earlier: it would take some of the jobs itself.
          start(queues).then(() => standby.resolve(), standby.reject);
        }
        await standby.promise;
        await sleep(delayMs);
        const atMs = performance.now();
        process.kill(victims.get(queue)?.pid ?? 0, "SIGKILL");
        return atMs;
      },
    });
  }

  try {
    const gateway = keep(await startNaiveGateway(queues, redisUrl));
    await inParallel(queues, STARTED_AT_ONCE, async (queue) => {
      victims.set(queue, await start([queue]));
    });
    return {
      kill: () => Promise.all(queues.map((queue) => killDuring(gateway, queue))),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
