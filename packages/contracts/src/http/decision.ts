import { z } from "zod";
import { DECISIONS } from "../prompts/interruption.ts";

/** The body of `POST /v1/prompts/:id/decision`. */
export const decisionRequestSchema = z.strictObject({ decision: z.enum(DECISIONS) });
export type DecisionRequest = z.infer<typeof decisionRequestSchema>;
