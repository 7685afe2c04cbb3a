import { z } from "zod";

/**
 * What becomes of a turn whose worker or agent died while the agent may have changed something.
 *
 * - `continue`: the session is resumed and the agent told to check what is done and to finish the rest
 * - `ask`: the prompt waits and holds its channel until a person decides
 * - `rerun`: the prompt is sent again; only for prompts that were marked `idempotent`, for others `continue` holds
 * - `abandon`: it ends as `interrupted`
 */
export const INTERRUPTION_POLICIES = ["continue", "ask", "rerun", "abandon"] as const;
export type InterruptionPolicy = (typeof INTERRUPTION_POLICIES)[number];

/**
 * How an attempt follows on one that was interrupted: `retry` where nothing can have been changed and the prompt was sent
 * once more, else what the policy or a person chose.
 */
export const RECOVERIES = ["retry", "continue", "rerun"] as const;
export type Recovery = (typeof RECOVERIES)[number];

/** What a person may decide about a prompt that waits for a decision. */
export const DECISIONS = ["continue", "rerun", "abandon"] as const;
export type Decision = (typeof DECISIONS)[number];

/** A decision that was taken. `at` is in Unix milliseconds, `by` the id of the API key. */
export const decisionSchema = z.object({
  decision: z.enum(DECISIONS),
  at: z.number(),
  by: z.string(),
});
export type TakenDecision = z.infer<typeof decisionSchema>;

/**
 * What a prompt waits for: one in state `waiting` for a person's answer to its agent (`permission`, `elicitation`), for a
 * person's decision or the end of an agent's usage limit; one in state `accepted` for room on a worker, for its channel to
 * recover, or for its time.
 */
export const WAITING_FOR = [
  "permission",
  "elicitation",
  "decision",
  "quota",
  "room",
  "recovery",
  "time",
] as const;
export type WaitingFor = (typeof WAITING_FOR)[number];
