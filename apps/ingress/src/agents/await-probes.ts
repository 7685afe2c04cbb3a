import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelsClient, WorkerHealth } from "@pilotlight/channels";

export interface AwaitProbesOptions {
  readonly client: ChannelsClient;
  readonly agent: string;
  readonly waitMs: number;
  /** Cuts the wait short. */
  readonly signal: AbortSignal;
}

export interface ProbeAnswers {
  readonly workers: readonly WorkerHealth[];
  /** Workers that live and have not answered. */
  readonly unanswered: readonly string[];
}

const LOOK_EVERY_MS = 100;

/**
 * Has every live worker probe the agent and waits until all have seen to it, or time is up. A worker that dies or drains
 * meanwhile is not waited for, nor is one that starts.
 */
export async function awaitProbes(options: AwaitProbesOptions): Promise<ProbeAnswers> {
  const { client, agent, waitMs, signal } = options;
  const endsAtMs = performance.now() + waitMs;
  const asked = await client.requestProbe(agent);
  let waitedFor: ReadonlySet<string> | undefined;
  for (;;) {
    const workers = await client.listWorkerHealth();
    waitedFor ??= new Set(workers.map(({ worker }) => worker));
    const unanswered = workers
      .filter(({ worker, draining, agents }) => {
        const answered = agents[agent]?.answered ?? 0;
        return !draining && waitedFor?.has(worker) && answered < asked;
      })
      .map(({ worker }) => worker);
    if (unanswered.length === 0 || signal.aborted || performance.now() >= endsAtMs) {
      return { workers, unanswered };
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
