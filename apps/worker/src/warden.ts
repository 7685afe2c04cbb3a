import { randomUUID } from "node:crypto";
import { type OwnedTrees, watchOwnedTrees } from "@pilotlight/agents";
import {
  type Logger,
  type Service,
  type SupervisedChild,
  superviseChild,
} from "@pilotlight/lifecycle";

export interface WardenOptions {
  readonly log: Logger;
  /** How long the worker may finish its turns. */
  readonly drainMs: number;
}

/** How often the worker's agents are looked at, so that every descendant is known when the worker is gone (ms). */
const LOOK_EVERY_MS = 1000;

/**
 * The parent of one worker. Each incarnation's agents carry a mark that the warden gave it; when the worker is gone,
 * however that came, they are ended to the last process before the next incarnation starts.
 */
export function createWarden(options: WardenOptions): Service {
  const { log } = options;
  let worker: SupervisedChild | undefined;
  let looking: NodeJS.Timeout | undefined;
  let owner = randomUUID();
  let agents: OwnedTrees = watchOwnedTrees(owner);
  /** The incarnation before: it is gone, and so are its agents, so the next one need not wait for its lease to end. */
  let predecessor: string | undefined;
  let ending = false;

  async function endAgents(): Promise<void> {
    await agents.kill();
    owner = randomUUID();
    agents = watchOwnedTrees(owner);
  }

  return {
    async start() {
      worker = superviseChild({
        name: "worker",
        script: new URL("./main.ts", import.meta.url).pathname,
        env: () => ({
          ...process.env,
          PILOTLIGHT_AGENT_OWNER: owner,
          PILOTLIGHT_PREDECESSOR: predecessor,
        }),
        backoff: { firstMs: 10, mostMs: 10_000, healthyAfterMs: 10_000 },
        onLine: (line) => process.stderr.write(`${line}\n`),
        onMessage: (message) => {
          if (message.type === "registered") {
            predecessor = message.worker;
          }
        },
        onExit: (code, signal) =>
          log[ending ? "info" : "warn"]({ code, signal }, "the worker is gone"),
        beforeRestart: endAgents,
      });
      looking = setInterval(() => {
        agents.look().catch((error: unknown) => log.debug({ err: error }, "could not look"));
      }, LOOK_EVERY_MS);
      await worker.ready;
    },

    async drain() {
      ending = true;
      await worker?.stop(options.drainMs + 5000);
    },

    async stop() {
      ending = true;
      clearInterval(looking);
      await worker?.stop(0);
      await endAgents();
    },
  };
}
