import type { Arm } from "./arm.ts";

export interface InterleavedOptions {
  /** Blocks that count. One more is run first and dropped. */
  readonly blocks: number;
  readonly perBlock: number;
  readonly random: () => number;
  onBlock?(done: number, of: number): void;
}

/**
 * Closed loop, one request in flight: every round asks each arm once, in an order drawn anew, so that no arm
 * always follows the same other one. Gives the samples of each arm by block.
 */
export async function runInterleaved<S>(
  arms: readonly Arm<S>[],
  options: InterleavedOptions,
): Promise<ReadonlyMap<string, S[][]>> {
  const kept = new Map<string, S[][]>(arms.map((arm) => [arm.name, []]));
  for (let block = 0; block <= options.blocks; block += 1) {
    const samples = new Map<string, S[]>(arms.map((arm) => [arm.name, []]));
    for (let round = 0; round < options.perBlock; round += 1) {
      for (const arm of shuffled(arms, options.random)) {
        samples.get(arm.name)?.push(await arm.sample());
      }
    }
    if (block > 0) {
      for (const arm of arms) {
        kept.get(arm.name)?.push(samples.get(arm.name) ?? []);
      }
    }
    options.onBlock?.(block, options.blocks);
  }
  return kept;
}

/** The same members in an order drawn by chance. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
