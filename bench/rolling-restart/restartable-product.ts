import { isAlive } from "@pilotlight/testkit";
import { RESUMING_AGENT } from "../arms/bench-agents.ts";
import { type Product, startProduct } from "../arms/product.ts";
import { waitUntil } from "../harness/wait-until.ts";
import type { Restartable } from "./restartable.ts";
import { timeToExit } from "./time-to-exit.ts";

const WORKERS = 2;
const READY_MS = 30_000;

export interface WorkerEntry {
  readonly id: string;
  readonly pid: number;
}

export interface RestartableProduct extends Product, Restartable {
  workers(): Promise<readonly WorkerEntry[]>;
}

/** Two workers under `pilotlight up`; their wardens start them again. */
export async function startRestartableProduct(
  redisUrl: string,
  maxSessions: number,
  agentHome: string,
): Promise<RestartableProduct> {
  const product = await startProduct({
    redisUrl,
    agent: RESUMING_AGENT,
    agentEnv: { RESUMING_AGENT_HOME: agentHome },
    maxSessions,
    workers: WORKERS,
  });

  async function workers(): Promise<readonly WorkerEntry[]> {
    const { items } = (await (await product.system.fetch("/v1/workers")).json()) as {
      items: WorkerEntry[];
    };
    return items.filter(({ pid }) => isAlive(pid));
  }

  return {
    ...product,
    workers,
    async restartAll() {
      const drains: number[] = [];
      for (const { pid } of await workers()) {
        drains.push(await timeToExit(pid, () => process.kill(pid, "SIGTERM")));
        const again = async () => (await workers()).length === WORKERS;
        await waitUntil("a worker runs again", again, READY_MS);
      }
      return drains;
    },
  };
}
