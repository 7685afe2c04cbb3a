import { z } from "zod";
import { SURFACES } from "../prompts/prompt.ts";

/** The body of `POST /v1/channels/:channel/prompts`. */
export const enqueueRequestSchema = z.strictObject({
  prompt: z.string(),
  surface: z.enum(SURFACES).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type EnqueueRequest = z.infer<typeof enqueueRequestSchema>;

/** The 202 answer to it. `position` counts the unfinished prompts of the channel up to and including this one. */
export const enqueueResponseSchema = z.object({
  id: z.string(),
  channel: z.string(),
  state: z.string(),
  seq: z.number(),
  position: z.number(),
  links: z.object({ self: z.string(), events: z.string() }),
});
export type EnqueueResponse = z.infer<typeof enqueueResponseSchema>;
