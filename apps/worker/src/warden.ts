import { killTree, type ProcessTree } from "@pilotlight/agents";
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

/**
 * The parent of one worker. It knows which agents the worker runs; when the worker is gone, however that came, it ends
 * them to the last process before it starts the next incarnation.
 */
export function createWarden(options: WardenOptions): Service {
  const { log } = options;
  const trees = new Map<number, ProcessTree>();
  let worker: SupervisedChild | undefined;
  /** The incarnation before: it is gone, and so are its agents, so the next one need not wait for its lease to end. */
  let predecessor: string | undefined;

  async function endAgents(): Promise<void> {
    const left = [...trees.values()];
    trees.clear();
    await Promise.all(left.map((tree) => killTree(tree)));
    if (left.length > 0) {
      log.warn({ agents: left.length }, "ended the agents of a worker that is gone");
    }
  }

  return {
    async start() {
      worker = superviseChild({
        name: "worker",
        script: new URL("./main.ts", import.meta.url).pathname,
        env: () => ({ ...process.env, PILOTLIGHT_PREDECESSOR: predecessor }),
        backoff: { firstMs: 10, mostMs: 10_000, healthyAfterMs: 10_000 },
        onLine: (line) => process.stderr.write(`${line}\n`),
        onMessage: (message) => {
          if (message.type === "registered") {
            predecessor = message.worker;
          } else if (message.type === "agent-started") {
            trees.set(message.tree.pid, message.tree as ProcessTree);
          } else if (message.type === "agent-gone") {
            trees.delete(message.pid);
          }
        },
        onExit: (code, signal) => log.warn({ code, signal }, "the worker is gone"),
        beforeRestart: endAgents,
      });
      await worker.ready;
    },

    async drain() {
      await worker?.stop(options.drainMs + 5000);
    },

    async stop() {
      await worker?.stop(0);
      await endAgents();
    },
  };
}
