import { z } from "zod";
import { INTERRUPTION_POLICIES } from "../prompts/interruption.ts";
import { SURFACES } from "../prompts/prompt.ts";
import { PROMPT_MODES } from "../prompts/prompt-mode.ts";
import { promptTextSchema } from "./prompt-text.ts";

/** Bytes of JSON that a prompt may carry along. */
export const METADATA_LIMIT_BYTES = 16_384;

const MOST_CALLBACK_URL_CHARS = 2048;
const MOST_DELAY_SECS = 366 * 86_400;

/** The body of `POST /v1/channels/:channel/prompts`. */
export const enqueueRequestSchema = z
  .strictObject({
    prompt: promptTextSchema,
    surface: z.enum(SURFACES).optional(),
    /** What it does where a turn of its channel runs already; default: the channel's setting. */
    mode: z.enum(PROMPT_MODES).optional(),
    metadata: z
      .record(z.string(), z.unknown())
      .superRefine((metadata, context) => {
        const bytes = Buffer.byteLength(JSON.stringify(metadata));
        if (bytes > METADATA_LIMIT_BYTES) {
          context.addIssue({
            code: "custom",
            params: { code: "metadata_too_large" },
            message: `has ${bytes} bytes as JSON; ${METADATA_LIMIT_BYTES} are allowed`,
          });
        }
      })
      .optional(),
    /** What is to happen where the turn is interrupted; default: the channel's setting. */
    onInterrupted: z.enum(INTERRUPTION_POLICIES).optional(),
    /** Sending the prompt to the agent twice does no harm. */
    idempotent: z.boolean().optional(),
    /** It joins its channel's queue then, and not before: a time, or seconds from now. It holds up nobody meanwhile. */
    notBefore: z
      .union([z.number().min(0).max(MOST_DELAY_SECS), z.iso.datetime({ offset: true })], {
        error: "must be a time as 2031-05-01T09:00:00Z, or a number of seconds",
      })
      .optional(),
    /** Where questions of its agent, a decision that it waits for, and its end are sent, signed. */
    callbackUrl: z.string().max(MOST_CALLBACK_URL_CHARS).optional(),
  })
  .superRefine((request, context) => {
    if (request.onInterrupted === "rerun" && request.idempotent !== true) {
      context.addIssue({
        code: "custom",
        path: ["onInterrupted"],
        params: { code: "invalid_value" },
        message: "may only be rerun for a prompt that is marked idempotent: true",
      });
    }
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
