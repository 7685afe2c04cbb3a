import { z } from "zod";
import { sessionViewSchema, workerViewSchema } from "../live/session-view.ts";
import { promptSchema } from "../prompts/prompt.ts";
import { grantSchema, questionSchema } from "../questions/question.ts";
import { channelViewSchema } from "./channel-settings.ts";

/** Every list is answered in this form. A page may be short and still have a successor: go on while there is a cursor. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });

/** `GET /v1/prompts`, newest first. */
export const promptListSchema = listOf(promptSchema);
export type PromptList = z.infer<typeof promptListSchema>;

/** `GET /v1/sessions` */
export const sessionListSchema = listOf(sessionViewSchema);

/** `GET /v1/workers` */
export const workerListSchema = listOf(workerViewSchema);

/** `GET /v1/channels`, the last used first. */
export const channelListSchema = listOf(channelViewSchema);
export type ChannelList = z.infer<typeof channelListSchema>;

/** `POST /v1/channels/:channel/warm`, `/cool` and `/reset`: the wish is noted, the channel's owner sees to it. */
export const intentResponseSchema = z.object({
  channel: z.string(),
  requested: z.enum(["warm", "cool", "reset"]),
});
export type IntentResponse = z.infer<typeof intentResponseSchema>;

/** `GET /v1/permissions` */
export const questionListSchema = listOf(questionSchema);
export type QuestionList = z.infer<typeof questionListSchema>;

/** `GET /v1/channels/:channel/grants` */
export const grantListSchema = listOf(grantSchema);
export type GrantList = z.infer<typeof grantListSchema>;
