import type { PromptState } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { runScript } from "../scripts.ts";
import type { PromptResult } from "./prompt-record.ts";

/** What became of the wish to cancel a prompt. */
export type CancelOutcome =
  /** It had not begun, or waited: it is cancelled. */
  | { readonly at: "cancelled" }
  /** It runs: its owner is told. */
  | { readonly at: "requested" }
  | { readonly at: "final"; readonly state: PromptState }
  | { readonly at: "missing" };

const CANCELLED: PromptResult = { stopReason: "cancelled" };

export async function cancelPrompt(
  redis: Redis,
  limits: { readonly eventsPerChannel: number; readonly retentionMs: number },
  promptId: string,
): Promise<CancelOutcome> {
  const [at = "", state = ""] = await runScript<string[]>(redis, "cancel", [
    promptId,
    JSON.stringify(CANCELLED),
    JSON.stringify({ promptId, state: "cancelled", ...CANCELLED }),
    limits.eventsPerChannel,
    limits.retentionMs,
  ]);
  switch (at) {
    case "cancelled":
    case "requested":
      return { at };
    case "final":
      return { at, state: state as PromptState };
    default:
      return { at: "missing" };
  }
}
