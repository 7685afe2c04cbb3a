import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_STOP_TIMINGS, killUntilEmpty } from "./stop-tree.ts";
import { watchOwner } from "./watch-tree.ts";

/** All process trees that the agents of one owner have on this machine. */
export interface OwnedTrees {
  /**
   * Remembers who is there now. Looked at now and then, also a process is known later
   * that left its session, lost its parents and emptied its environment.
   */
  look(): Promise<void>;
  /**
   * SIGKILL to every process, until a full scan finds none. Idempotent.
   *
   * @throws AgentTreeAliveError
   */
  kill(killMs?: number): Promise<void>;
}

/** Longer than a process that was just forked stays without the environment it is to run with. */
const NEWBORN_MS = 50;

/**
 * For whoever answers for an owner that may die: the trees are found by their marker, and so also an agent
 * that was being started at that moment. Without `/proc` nothing is found.
 */
export function watchOwnedTrees(owner: string): OwnedTrees {
  const watch = watchOwner(owner);
  return {
    async look() {
      await watch.scan();
    },
    async kill(killMs = DEFAULT_STOP_TIMINGS.killMs) {
      await killUntilEmpty(watch, killMs);
      await sleep(NEWBORN_MS);
      await killUntilEmpty(watch, killMs);
    },
  };
}
