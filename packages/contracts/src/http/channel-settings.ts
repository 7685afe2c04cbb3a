import { z } from "zod";
import { INTERRUPTION_POLICIES } from "../prompts/interruption.ts";

/** Who is served first where workers are short; higher comes first. */
export const MOST_PRIORITY = 9;

/**
 * The body of `PUT /v1/channels/:channel`: all settings of the channel. What is left out has its default again.
 */
export const channelSettingsSchema = z.strictObject({
  onInterrupted: z.enum(INTERRUPTION_POLICIES).optional(),
  priority: z.number().int().min(0).max(MOST_PRIORITY).optional(),
});
export type ChannelSettings = z.infer<typeof channelSettingsSchema>;

/** Why nothing of the channel is run at the moment. */
export const channelBlockSchema = z.object({
  reason: z.enum(["decision"]),
  /** The prompt that holds it. */
  promptId: z.string(),
  /** Unix milliseconds. */
  since: z.number(),
});
export type ChannelBlock = z.infer<typeof channelBlockSchema>;

/** `GET /v1/channels/:channel`. Times are Unix milliseconds. */
export const channelViewSchema = z.object({
  channel: z.string(),
  settings: channelSettingsSchema,
  lastUsedAt: z.number().optional(),
  blocked: channelBlockSchema.optional(),
  /** Earlier sessions of its conversation, newest first. */
  sessions: z.array(z.object({ id: z.string(), agent: z.string() })),
});
export type ChannelView = z.infer<typeof channelViewSchema>;
