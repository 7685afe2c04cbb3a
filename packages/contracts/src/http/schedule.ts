import { z } from "zod";
import { AGENT_NAME_PATTERN } from "../agent-name.ts";
import { CHANNEL_ID_PATTERN } from "../channel-id.ts";
import { INTERRUPTION_POLICIES } from "../prompts/interruption.ts";
import { SESSION_OPENINGS } from "../prompts/prompt.ts";
import { PERMISSION_POLICIES } from "../questions/permission-rule.ts";
import { METADATA_LIMIT_BYTES } from "./enqueue-request.ts";
import { promptTextSchema } from "./prompt-text.ts";

/** What a schedule id must look like; it becomes part of the ids of jobs, which take no colon. */
export const SCHEDULE_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export function isScheduleId(text: string): boolean {
  return SCHEDULE_ID_PATTERN.test(text);
}

/**
 * What becomes of due times that passed while nobody could see to them.
 *
 * - `skip`: nothing, but the last one where it is not long ago
 * - `once`: the last one fires, however many there were
 * - `all`: they all fire, the last `misfireLimit` of them at most
 */
export const MISFIRE_POLICIES = ["skip", "once", "all"] as const;

/** What becomes of a due time while a prompt of an earlier one is not finished. `replace` cancels the earlier one. */
export const OVERLAP_POLICIES = ["queue", "skip", "replace"] as const;

/**
 * Why a due time did not fire. `limit`: its schedule has had all its runs. `full`: its channel's queue took no more.
 * `removed`: the schedule was deleted while it fired.
 */
export const SKIP_REASONS = [
  "paused",
  "quiet_hours",
  "overlap",
  "misfire",
  "limit",
  "precheck",
  "full",
  "removed",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

const MOST_SECS = 366 * 86_400;
const MOST_JITTER_SECS = 3600;
const MOST_LEAD_SECS = 86_400;
const MOST_MISFIRES = 100;
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day as 22:30");
const instant = z.iso.datetime({
  offset: true,
  error: "must be a time as 2031-05-01T09:00:00Z or with an offset",
});

/** Hours in which nothing fires, by a clock of their own; they may pass midnight. */
const quietHoursSchema = z
  .strictObject({ from: timeOfDay, to: timeOfDay, tz: z.string().max(64).default("UTC") })
  .refine(({ from, to }) => from !== to, "must not begin when they end");
export type QuietHours = z.infer<typeof quietHoursSchema>;

/** The body of `PUT /v1/schedules/:id`: all of the schedule. What is left out has its default again. */
export const scheduleRequestSchema = z
  .strictObject({
    channel: z.string().regex(CHANNEL_ID_PATTERN, "must be a channel id"),
    prompt: promptTextSchema,
    /** Five fields, six with seconds in front, or `@daily` and its like; by the clock of `tz`. */
    cron: z.string().min(1).max(200).optional(),
    /** An IANA time zone; default UTC. */
    tz: z.string().min(1).max(64).optional(),
    everySecs: z.number().int().min(1).max(MOST_SECS).optional(),
    at: instant.optional(),
    /** How long before a due time the session is opened; `auto`: as long as this agent takes. 0: not at all. */
    preWarmSecs: z.union([z.number().min(0).max(MOST_LEAD_SECS), z.literal("auto")]).optional(),
    misfire: z.enum(MISFIRE_POLICIES).default("once"),
    misfireLimit: z.number().int().min(1).max(MOST_MISFIRES).default(10),
    overlap: z.enum(OVERLAP_POLICIES).default("skip"),
    quietHours: quietHoursSchema.optional(),
    /** Each due time is moved by up to so much, always by the same. */
    jitterSecs: z.number().int().min(0).max(MOST_JITTER_SECS).default(0),
    startAt: instant.optional(),
    endAt: instant.optional(),
    maxRuns: z.number().int().min(1).max(1_000_000_000).optional(),
    /** So many failed prompts in a row pause the schedule. */
    failureLimit: z.number().int().min(1).max(1000).optional(),
    /** Who answers for its prompts when the agent asks; nobody watches at night. */
    permissions: z.enum(PERMISSION_POLICIES).default("deny-all"),
    /** One of `[prechecks]` of the configuration: whether the agent is woken at all. */
    precheck: z.string().regex(AGENT_NAME_PATTERN, "must be a name").optional(),
    metadata: z
      .record(z.string(), z.unknown())
      .refine(
        (metadata) => Buffer.byteLength(JSON.stringify(metadata)) <= METADATA_LIMIT_BYTES,
        `has more than ${METADATA_LIMIT_BYTES} bytes as JSON`,
      )
      .optional(),
    idempotent: z.boolean().optional(),
    onInterrupted: z.enum(INTERRUPTION_POLICIES).optional(),
  })
  .superRefine((request, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    const kinds = (["cron", "everySecs", "at"] as const).filter((k) => request[k] !== undefined);
    if (kinds.length !== 1) {
      const [, field = "cron"] = kinds;
      refuse(field, "exactly one of cron, everySecs and at says when it fires");
    }
    if (request.tz !== undefined && request.cron === undefined) {
      refuse("tz", "is the clock of a cron; others need none");
    }
    if (request.jitterSecs > 0 && request.jitterSecs >= (request.everySecs ?? Infinity)) {
      refuse("jitterSecs", "must be shorter than everySecs");
    }
    if (request.onInterrupted === "rerun" && request.idempotent !== true) {
      refuse("onInterrupted", "may only be rerun for a schedule that is marked idempotent: true");
    }
  });
export type ScheduleRequest = z.input<typeof scheduleRequestSchema>;
/** With its defaults. */
export type ScheduleDefinition = z.output<typeof scheduleRequestSchema>;

export const SCHEDULE_STATES = ["active", "paused", "finished"] as const;
export type ScheduleState = (typeof SCHEDULE_STATES)[number];

/** `GET /v1/schedules/:id`. Times that are not part of its definition are Unix milliseconds. */
export const scheduleViewSchema = z.object({
  id: z.string(),
  definition: scheduleRequestSchema,
  state: z.enum(SCHEDULE_STATES),
  pausedReason: z.string().optional(),
  /** Its next due time, and with it the next few. */
  nextAt: z.number().optional(),
  next: z.array(z.number()),
  /** Due times that fired, and those of their prompts that failed, in a row. */
  runs: z.number(),
  failures: z.number(),
  /** Sessions opened ahead: ready in time, too late, for nothing, not at all. */
  preWarms: z.object({
    hit: z.number(),
    late: z.number(),
    wasted: z.number(),
    failed: z.number(),
    /** Opened again, because the session was lost before its time. */
    lost: z.number(),
    lastError: z.string().optional(),
  }),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** For `If-Match`. */
  etag: z.string(),
});
export type ScheduleView = z.infer<typeof scheduleViewSchema>;

export const scheduleListSchema = z.object({
  items: z.array(scheduleViewSchema),
  nextCursor: z.string().optional(),
});
export type ScheduleList = z.infer<typeof scheduleListSchema>;

/** What became of one due time. `firing`: it is about to be one of the two others. */
export const occurrenceSchema = z.object({
  dueAt: z.number(),
  outcome: z.enum(["firing", "fired", "skipped"]),
  reason: z.enum(SKIP_REASONS).optional(),
  /** For people: what its precheck said. */
  detail: z.string().optional(),
  /** The row stands for every due time from `dueAt` to this one. */
  through: z.number().optional(),
  /** `run`: somebody asked for it. */
  trigger: z.enum(["schedule", "run"]),
  promptId: z.string().optional(),
  /** From the due time until the prompt was accepted, and until it was handed to its agent. */
  latenessMs: z.number().optional(),
  startMs: z.number().optional(),
  /** How its session had been opened. */
  opened: z.enum(SESSION_OPENINGS).optional(),
});
export type Occurrence = z.infer<typeof occurrenceSchema>;

/** `GET /v1/schedules/:id/occurrences`, newest first. */
export const occurrenceListSchema = z.object({
  items: z.array(occurrenceSchema),
  nextCursor: z.string().optional(),
});
export type OccurrenceList = z.infer<typeof occurrenceListSchema>;
