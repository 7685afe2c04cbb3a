import {
  type Decision,
  decisionSchema,
  type PromptState,
  type TakenDecision,
} from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import type { DecideOutcome } from "../channels-client.ts";
import { runScript } from "../scripts.ts";
import type { PromptResult } from "./prompt-record.ts";

const ABANDONED: PromptResult = {
  error: {
    code: "interrupted",
    message: "The turn was interrupted, and a person decided to abandon it.",
  },
};

/** The first decision counts; the same once more changes nothing. */
export async function decidePrompt(
  redis: Redis,
  limits: { readonly eventsPerChannel: number; readonly retentionMs: number },
  input: { readonly promptId: string; readonly decision: Decision; readonly by: string },
): Promise<DecideOutcome> {
  const { promptId, decision, by } = input;
  const [at = "", detail = ""] = await runScript<string[]>(redis, "decide", [
    promptId,
    decision,
    by,
    JSON.stringify(ABANDONED),
    JSON.stringify({ promptId, state: "interrupted", ...ABANDONED }),
    limits.eventsPerChannel,
    limits.retentionMs,
  ]);
  switch (at) {
    case "ok":
      return { at: "decided", decision: takenOf(detail) };
    case "same":
    case "other":
      return { at, decision: takenOf(detail) };
    case "not-waiting":
      return { at, state: detail as PromptState };
    default:
      return { at: "missing" };
  }
}

function takenOf(json: string): TakenDecision {
  return decisionSchema.parse(JSON.parse(json));
}
