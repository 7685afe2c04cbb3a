import { RESUMING_AGENT } from "../arms/bench-agents.ts";
import { startNaiveGateway, startNaiveWorker } from "../arms/naive.ts";
import type { Restartable } from "./restartable.ts";
import { timeToExit } from "./time-to-exit.ts";

/** Naive BullMQ with two worker processes, each with half of the channels: `worker.close()` for all, and start again. */
export async function startRestartableNaive(
  channels: readonly string[],
  redisUrl: string,
): Promise<Restartable> {
  const half = channels.length / 2;
  const halves = [channels.slice(0, half), channels.slice(half)];
  const start = (own: readonly string[]) =>
    startNaiveWorker({ channels: own, redisUrl, agent: RESUMING_AGENT });
  const workers = await Promise.all(halves.map(start));
  const gateway = await startNaiveGateway(channels, redisUrl);
  return {
    ...gateway,
    async restartAll() {
      const drains: number[] = [];
      for (const [i, own] of halves.entries()) {
        const pid = workers[i]?.pid ?? 0;
        drains.push(await timeToExit(pid, () => process.kill(pid, "SIGTERM")));
        workers[i] = await start(own);
      }
      return drains;
    },
    async stop() {
      await Promise.all([gateway.stop(), ...workers.map((worker) => worker.stop())]);
    },
  };
}
