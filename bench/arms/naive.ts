import { type StartedProcess, startProcess } from "../harness/start-process.ts";
import { ECHO_AGENT } from "./bench-agents.ts";
import type { Gateway } from "./gateway.ts";

/** What BullMQ's `Worker` takes for its lock and its stalled-job check; where left out, its defaults hold (ms). */
export interface StallOptions {
  readonly lockDuration?: number;
  readonly lockRenewTime?: number;
  readonly stalledInterval?: number;
}

export interface NaiveWorkerOptions {
  readonly channels: readonly string[];
  readonly redisUrl: string;
  readonly agent: readonly string[];
  readonly stall?: StallOptions;
}

/** Naive BullMQ: a gateway process and a worker process, its sessions warm. */
export async function startNaive(channels: readonly string[], redisUrl: string): Promise<Gateway> {
  const worker = await startNaiveWorker({ channels, redisUrl, agent: ECHO_AGENT });
  const gateway = await startNaiveGateway(channels, redisUrl);
  return {
    ...gateway,
    async stop() {
      await Promise.all([gateway.stop(), worker.stop()]);
    },
  };
}

/** The gateway alone: what it takes waits in Redis for a worker. */
export async function startNaiveGateway(
  channels: readonly string[],
  redisUrl: string,
): Promise<Gateway> {
  const gateway = await startProcess<{ port: number }>("../arms/naive-gateway.ts", {
    channels,
    redisUrl,
  });
  return {
    name: "naive BullMQ",
    target: (channel) => ({
      url: `http://127.0.0.1:${gateway.ready.port}/channels/${channel}/prompts`,
    }),
    stop: () => gateway.stop(),
  };
}

/** A worker process for these channels, ready. */
export async function startNaiveWorker(
  options: NaiveWorkerOptions,
): Promise<StartedProcess<unknown>> {
  return await startProcess("../arms/naive-worker.ts", { ...options });
}
