import { setTimeout as sleep } from "node:timers/promises";
import type { Arm } from "./arm.ts";
import { shuffled } from "./run-interleaved.ts";

export interface OpenLoopOptions {
  /** Blocks that count; in each every arm has one slice of time. One more block is run first and dropped. */
  readonly blocks: number;
  readonly perSlice: number;
  readonly ratePerSecond: number;
  readonly random: () => number;
  onBlock?(done: number, of: number): void;
}

/** A sample and how late it was started: time that counts, because a person was already waiting. */
export interface OpenLoopSample<S> {
  readonly sample: S;
  readonly startedLateMs: number;
}

/**
 * Arrivals come when they come (Poisson), whether or not earlier ones were answered. Each arm bears the
 * whole rate alone in its slice; the slices of a block follow each other in an order drawn anew.
 */
export async function runOpenLoop<S>(
  arms: readonly Arm<S>[],
  options: OpenLoopOptions,
): Promise<ReadonlyMap<string, OpenLoopSample<S>[][]>> {
  const kept = new Map<string, OpenLoopSample<S>[][]>(arms.map((arm) => [arm.name, []]));
  for (let block = 0; block <= options.blocks; block += 1) {
    for (const arm of shuffled(arms, options.random)) {
      const slice = await runSlice(arm, options);
      if (block > 0) {
        kept.get(arm.name)?.push(slice);
      }
    }
    options.onBlock?.(block, options.blocks);
  }
  return kept;
}

async function runSlice<S>(arm: Arm<S>, options: OpenLoopOptions): Promise<OpenLoopSample<S>[]> {
  const pending: Promise<OpenLoopSample<S>>[] = [];
  let dueMs = performance.now();
  for (let i = 0; i < options.perSlice; i += 1) {
    dueMs += (-Math.log(1 - options.random()) * 1000) / options.ratePerSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs >= 1) {
      await sleep(waitMs);
    }
    const startedLateMs = Math.max(0, performance.now() - dueMs);
    pending.push(arm.sample().then((sample) => ({ sample, startedLateMs })));
  }
  return await Promise.all(pending);
}
