import type { OwnedChannel } from "@pilotlight/channels";
import type { Recovery } from "@pilotlight/contracts";

export interface ParkTurnInput {
  readonly promptId: string;
  /** For people: whose limit was hit. */
  readonly reason: string;
  /** When the limit is reset (Unix ms). */
  readonly untilMs: number;
  /** Another agent can take the turn at once. */
  readonly move?: boolean;
}

/**
 * Writes down what follows on a turn whose agent has hit its usage limit: it goes to another agent, or waits with its
 * channel. What the agent may have done before is not done again: the turn goes on as after an interruption.
 *
 * @throws LeaseLostError
 */
export async function parkTurn(
  owned: OwnedChannel,
  { promptId, reason, untilMs, move = false }: ParkTurnInput,
): Promise<"moved" | "parked" | "gone"> {
  const standing = await owned.standing(promptId);
  if (standing?.state === "accepted") {
    await owned.recover({ promptId, action: "park", reason, untilMs, afterwards: "retry" });
    return "parked";
  }
  const interruption = await owned.interruption(promptId);
  if (interruption === undefined) {
    return "gone";
  }
  const { fence, guarded, grants, policy, idempotent } = interruption;
  const afterwards: Recovery =
    guarded && grants === 0 ? "retry" : policy === "rerun" && idempotent ? "rerun" : "continue";
  if (move) {
    await owned.recover({ promptId, fence, action: "move", afterwards });
    return "moved";
  }
  await owned.recover({ promptId, fence, action: "park", reason, untilMs, afterwards });
  return "parked";
}
