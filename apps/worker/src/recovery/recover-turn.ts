import type { OwnedChannel } from "@pilotlight/channels";
import type { InterruptionPolicy } from "@pilotlight/contracts";
import { chooseRecovery, type InterruptionCause } from "./choose-recovery.ts";

/**
 * - `again`: the prompt is accepted again, and is to be dispatched with the recovery that its record names
 * - `held`: it waits for a person, and so does its channel
 * - `abandoned`, `failed`, `cancelled`: to be settled so
 * - `gone`: somebody settled it meanwhile
 */
export type RecoveredTurn = "again" | "held" | "abandoned" | "failed" | "cancelled" | "gone";

/** Writes down what follows on an attempt that was dispatched and did not end. @throws LeaseLostError */
export async function recoverTurn(
  owned: OwnedChannel,
  promptId: string,
  cause: InterruptionCause,
  fallback: InterruptionPolicy,
): Promise<RecoveredTurn> {
  const interruption = await owned.interruption(promptId);
  if (interruption === undefined) {
    return "gone";
  }
  const { fence } = interruption;
  const choice = chooseRecovery(interruption, cause, fallback);
  switch (choice.at) {
    case "abandon":
      return "abandoned";
    case "cancel":
      return "cancelled";
    case "fail":
      return "failed";
    case "ask":
      await owned.recover({ promptId, fence, action: "ask", reason: choice.reason });
      return "held";
    default:
      await owned.recover({ promptId, fence, action: choice.at });
      return "again";
  }
}
