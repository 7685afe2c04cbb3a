import type { Prompt } from "@pilotlight/contracts";
import type { History, HostFreeze, LedgerLine } from "./history.ts";

/**
 * A host that stands still as a whole cannot end its agents: its channels go on elsewhere, and when it wakes up its agents
 * go on until its warden has looked, 50 ms later. No lease can help that. What happens within it is counted apart, and
 * nothing else is.
 */
const UNTIL_ENDED_MS = 300;

type Freezes = Pick<History, "freezes" | "leaseTtlMs">;

/** An effect that such an agent still had. */
export function isAfterThaw(history: Freezes, line: LedgerLine): boolean {
  return long(history).some(
    (freeze) =>
      line.tree.startsWith(`${freeze.owner}/`) &&
      line.atMs >= freeze.untilMs - UNTIL_ENDED_MS &&
      line.atMs <= freeze.untilMs + UNTIL_ENDED_MS,
  );
}

/** A turn that met such an agent holding its channel. */
export function metFrozenHolder(history: Freezes, record: Prompt): boolean {
  const message = record.error?.message ?? "";
  const at = record.attempts.at(-1)?.at ?? 0;
  return long(history).some(
    (freeze) =>
      message.includes(`: ${freeze.owner}/`) &&
      at >= freeze.fromMs &&
      at <= freeze.untilMs + UNTIL_ENDED_MS,
  );
}

/** Nobody else may claim what a host owns that stood still for a shorter time. */
function long({ freezes, leaseTtlMs }: Freezes): HostFreeze[] {
  return freezes.filter(({ fromMs, untilMs }) => untilMs - fromMs > leaseTtlMs / 2);
}
