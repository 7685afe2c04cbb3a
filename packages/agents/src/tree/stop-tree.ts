import { AgentTreeAliveError } from "../agent-tree-alive-error.ts";
import { isStopped } from "./is-responsive.ts";
import type { ProcessTree } from "./process-tree.ts";
import { type TreeWatch, watchTree } from "./watch-tree.ts";

/** How long each rung of the stop ladder lasts, in milliseconds. */
export interface StopTimings {
  /** From the end of stdin to SIGTERM. */
  readonly eofMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly termMs: number;
  /** From the first SIGKILL until the tree must be empty. */
  readonly killMs: number;
}

export const DEFAULT_STOP_TIMINGS: StopTimings = { eofMs: 4000, termMs: 2000, killMs: 5000 };

const KILL_AGAIN_MS = 100;

/**
 * Ends a process tree down to its last member: `endInput`, then SIGTERM, then SIGKILL to every descendant,
 * each only where something is still alive, and SIGKILL at once to an agent that is stopped. Resolves when a full scan
 * finds nothing left.
 *
 * @throws AgentTreeAliveError when members outlive SIGKILL by `killMs`.
 */
export async function stopTree(
  tree: ProcessTree,
  endInput: () => void,
  timings: StopTimings = DEFAULT_STOP_TIMINGS,
): Promise<void> {
  const watch = watchTree(tree);
  // Before anything dies: a tool whose parent is gone can only be known from here, its session or its marker.
  await watch.scan();
  endInput();
  if (isStopped(tree)) {
    return await killUntilEmpty(watch, timings.killMs);
  }
  if (await watch.emptiedWithin(timings.eofMs)) {
    return;
  }
  await watch.signal("SIGTERM");
  if (await watch.emptiedWithin(timings.termMs)) {
    return;
  }
  await killUntilEmpty(watch, timings.killMs);
}

/** SIGKILL at once to every process of a tree, also of one that another process started. As `stopTree` otherwise. */
export async function killTree(
  tree: ProcessTree,
  killMs: number = DEFAULT_STOP_TIMINGS.killMs,
): Promise<void> {
  await killUntilEmpty(watchTree(tree), killMs);
}

/** SIGKILL again and again, because a member may fork while the others die. */
export async function killUntilEmpty(watch: TreeWatch, killMs: number): Promise<void> {
  const until = performance.now() + killMs;
  do {
    await watch.signal("SIGKILL");
    if (await watch.emptiedWithin(KILL_AGAIN_MS)) {
      return;
    }
  } while (performance.now() < until);
  const left = await watch.scan();
  if (left.length > 0) {
    throw new AgentTreeAliveError(left.map((entry) => entry.pid));
  }
}
