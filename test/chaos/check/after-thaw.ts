import type { Prompt } from "@pilotlight/contracts";
import type { History, HostFreeze, LedgerLine } from "./history.ts";

/**
 * A host that stands still as a whole cannot end its agents: its channels go on elsewhere, and when it wakes up its agents
 * go on until its warden has looked, 50 ms later. No lease can help that. What happens within it is counted apart, and
 * nothing else is.
 */
const UNTIL_ENDED_MS = 300;

/** An effect that such an agent still had. */
export function isAfterThaw({ freezes }: Pick<History, "freezes">, line: LedgerLine): boolean {
  return freezes.some(
    (freeze) =>
      owns(freeze, line.tree) &&
      line.atMs >= freeze.untilMs - UNTIL_ENDED_MS &&
      line.atMs <= freeze.untilMs + UNTIL_ENDED_MS,
  );
}

/** A turn that met such an agent holding its channel. */
export function metFrozenHolder({ freezes }: Pick<History, "freezes">, record: Prompt): boolean {
  const message = record.error?.message ?? "";
  const at = record.attempts.at(-1)?.at ?? 0;
  return freezes.some(
    (freeze) =>
      message.includes(`: ${freeze.owner}/`) &&
      at >= freeze.fromMs &&
      at <= freeze.untilMs + UNTIL_ENDED_MS,
  );
}

function owns(freeze: HostFreeze, tree: string): boolean {
  return tree.startsWith(`${freeze.owner}/`);
}
