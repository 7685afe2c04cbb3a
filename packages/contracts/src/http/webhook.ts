import { z } from "zod";
import { promptTextSchema } from "./prompt-text.ts";

/** The body of `POST /webhook/session/:channel`. */
export const webhookRequestSchema = z.strictObject({ prompt: promptTextSchema });
export type WebhookRequest = z.infer<typeof webhookRequestSchema>;

/** Its answer: what the agent said, `queued ID` when time is up, or why there is no answer. */
export const webhookResponseSchema = z.object({ success: z.boolean(), message: z.string() });
export type WebhookResponse = z.infer<typeof webhookResponseSchema>;
