import { z } from "zod";
import { PERMISSION_POLICIES } from "../questions/permission-rule.ts";
import { decisionSchema, INTERRUPTION_POLICIES, RECOVERIES, WAITING_FOR } from "./interruption.ts";
import { DELIVERIES, PROMPT_MODES } from "./prompt-mode.ts";
import { PROMPT_STATES } from "./prompt-state.ts";

/** Where a prompt came from. */
export const SURFACES = [
  "telegram",
  "slack",
  "voice",
  "dashboard",
  "cli",
  "webhook",
  "schedule",
  "api",
] as const;
export type Surface = (typeof SURFACES)[number];

/** How the session that ran a turn had been opened; `fresh` never hides lost context. */
export const SESSION_OPENINGS = ["warm", "standby", "resumed", "loaded", "recap", "fresh"] as const;
export type SessionOpening = (typeof SESSION_OPENINGS)[number];

/** One try at a turn. `at`, `endedAt` are Unix milliseconds. */
export const attemptSchema = z.object({
  worker: z.string(),
  fence: z.number(),
  at: z.number(),
  /** How its session had been opened. */
  opened: z.enum(SESSION_OPENINGS).optional(),
  /** How it follows on the attempt before it, which was interrupted. */
  recovery: z.enum(RECOVERIES).optional(),
  endedAt: z.number().optional(),
  /** `limited`: its agent had hit its usage limit. */
  outcome: z.enum(["completed", "failed", "cancelled", "interrupted", "limited"]).optional(),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** Tokens as the agent reported them (ACP `usage` of the prompt response). */
export const usageSchema = z.record(z.string(), z.unknown());

export const promptErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** The end of the agent's stderr, secrets removed; at most 2 KiB. */
  stderr: z.string().optional(),
});
export type PromptError = z.infer<typeof promptErrorSchema>;

export const planEntrySchema = z.object({
  content: z.string(),
  status: z.string(),
  priority: z.string().optional(),
});
export type PlanEntry = z.infer<typeof planEntrySchema>;

/** How the callbacks of a prompt went; where they go is not shown, for it may hold a secret. */
export const callbackCountsSchema = z.object({
  delivered: z.number(),
  pending: z.number(),
  /** Given up: nobody took them in time, or nobody may be sent them. */
  failed: z.number(),
  /** The last thing that went wrong, whatever became of it. `code` is stable, `status` that of HTTP, `at` Unix ms. */
  lastError: z
    .object({ code: z.string(), status: z.number().optional(), at: z.number() })
    .optional(),
});
export type CallbackCounts = z.infer<typeof callbackCountsSchema>;

/** A prompt as `GET /v1/prompts/:id` shows it. Times are Unix milliseconds, durations milliseconds. */
export const promptSchema = z.object({
  id: z.string(),
  channel: z.string(),
  state: z.enum(PROMPT_STATES),
  /** Order of acceptance; grows over all channels. */
  seq: z.number(),
  prompt: z.string(),
  surface: z.enum(SURFACES),
  acceptedAt: z.number(),
  finishedAt: z.number().optional(),
  /** When it joins its channel's queue, while that is still to come. */
  notBefore: z.number().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  /** What it was to do where a turn of its channel ran; absent: `queue`. */
  mode: z.enum(PROMPT_MODES).optional(),
  /** What became of that, as soon as it is known. */
  delivery: z.enum(DELIVERIES).optional(),
  /**
   * The prompt whose turn it is part of: it begins and ends with it, and its `text` is that turn's. `eventId` is its first
   * event there.
   */
  turn: z.object({ id: z.string(), eventId: z.string().optional() }).optional(),
  /** Other prompts that are part of its turn, in their order. */
  members: z.array(z.string()).optional(),
  /** The prompt for which it was cancelled. */
  interruptedBy: z.string().optional(),
  /** What is to happen where the turn is interrupted, if it differs from the channel's setting. */
  onInterrupted: z.enum(INTERRUPTION_POLICIES).optional(),
  /** The caller said that sending it twice does no harm. */
  idempotent: z.boolean().optional(),
  /** Who answers for it when the agent asks, where that differs from the channel's setting. */
  permissions: z.enum(PERMISSION_POLICIES).optional(),
  /** The schedule that enqueued it, and the due time. */
  schedule: z.object({ id: z.string(), dueAt: z.number() }).optional(),
  /** What it waits for now, why, and since when, as far as that is known. */
  waitingFor: z.enum(WAITING_FOR).optional(),
  waitingReason: z.string().optional(),
  waitingSince: z.number().optional(),
  /** The last decision that a person took about it. */
  decision: decisionSchema.optional(),
  stopReason: z.string().optional(),
  text: z.string().optional(),
  /** True where `text` was longer than the record keeps. */
  textTruncated: z.boolean().optional(),
  session: z
    .object({ id: z.string(), opened: z.enum(SESSION_OPENINGS), agent: z.string() })
    .optional(),
  attempts: z.array(attemptSchema),
  /** Where it was handed in with a callback URL. */
  callbacks: callbackCountsSchema.optional(),
  timings: z.object({
    queuedMs: z.number().optional(),
    openMs: z.number().optional(),
    firstTokenMs: z.number().optional(),
    totalMs: z.number().optional(),
  }),
  usage: usageSchema.optional(),
  plan: z.array(planEntrySchema).optional(),
  error: promptErrorSchema.optional(),
});
export type Prompt = z.infer<typeof promptSchema>;
