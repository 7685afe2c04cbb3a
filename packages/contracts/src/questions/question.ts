import { z } from "zod";
import { TOOL_KINDS } from "./permission-rule.ts";

/**
 * Where a question stands.
 *
 * - `pending`: a person may answer
 * - `answered`: somebody has; `applied` says that the agent was told
 * - `expired`: nobody did in time; it was rejected
 * - `superseded`: the agent that asked is gone; the recovered turn asks again
 * - `cancelled`: its turn ended or was cancelled, or the agent did not want to know any more
 */
export const QUESTION_STATES = [
  "pending",
  "answered",
  "expired",
  "superseded",
  "cancelled",
] as const;
export type QuestionState = (typeof QUESTION_STATES)[number];

export const QUESTION_TYPES = ["permission", "elicitation"] as const;
export type QuestionType = (typeof QUESTION_TYPES)[number];

/** ACP's kinds of options. */
export const OPTION_KINDS = ["allow_once", "allow_always", "reject_once", "reject_always"] as const;
export type OptionKind = (typeof OPTION_KINDS)[number];

/** What an "always" allows: further tool calls that are just like this one. */
export const grantScopeSchema = z.object({
  kind: z.enum(TOOL_KINDS),
  name: z.string().optional(),
  /** Paths inside the workspace, relative to it; each must be one of these. */
  paths: z.array(z.string()).optional(),
  /** Fingerprint of the tool's input, where a path does not say what it does. */
  inputHash: z.string().optional(),
  /** Says it to a person. */
  description: z.string(),
});
export type GrantScope = z.infer<typeof grantScopeSchema>;

/** A tool call as people are shown it: what would be invisible is made visible. */
export const shownToolCallSchema = z.object({
  toolCallId: z.string(),
  kind: z.enum(TOOL_KINDS),
  title: z.string(),
  name: z.string().optional(),
  /** The raw command, where the input holds one. */
  command: z.string().optional(),
  /** The tool's whole input as JSON, cut where it is too long. */
  input: z.string().optional(),
  /** Bytes of input that are not shown. */
  inputOmittedBytes: z.number().optional(),
  /** Relative to the workspace where they are inside of it, else absolute. */
  paths: z.array(z.string()),
  /** Some path lies outside of the workspace. */
  outside: z.boolean().optional(),
});
export type ShownToolCall = z.infer<typeof shownToolCallSchema>;

/** What somebody answered. */
export const questionAnswerSchema = z.discriminatedUnion("at", [
  /** To a permission. `always` where further calls like it are allowed as well. */
  z.object({ at: z.literal("selected"), optionId: z.string(), kind: z.enum(OPTION_KINDS) }),
  /** To an elicitation. */
  z.object({
    at: z.literal("accepted"),
    content: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({ at: z.literal("declined") }),
]);
export type QuestionAnswer = z.infer<typeof questionAnswerSchema>;

/** An answer that was given: `by` the API key's id, `answeredAt` Unix ms. */
export const givenAnswerSchema = z.object({
  answer: questionAnswerSchema,
  by: z.string(),
  answeredAt: z.number(),
});
export type GivenAnswer = z.infer<typeof givenAnswerSchema>;

const common = {
  id: z.string(),
  channel: z.string(),
  promptId: z.string(),
  agent: z.string(),
  state: z.enum(QUESTION_STATES),
  /** Unix milliseconds, as all times. */
  askedAt: z.number(),
  expiresAt: z.number(),
  closedAt: z.number().optional(),
  /** Fingerprint of what is shown: an answer may name it. */
  hash: z.string(),
  given: givenAnswerSchema.optional(),
  /** The agent was told. */
  applied: z.boolean().optional(),
  /** The question that was asked in its place. */
  supersededBy: z.string().optional(),
};

/** What an agent asks a person in the middle of a turn, as `GET /v1/permissions/:id` shows it. */
export const questionSchema = z.discriminatedUnion("type", [
  z.object({
    ...common,
    type: z.literal("permission"),
    toolCall: shownToolCallSchema,
    options: z.array(
      z.object({ optionId: z.string(), name: z.string(), kind: z.enum(OPTION_KINDS) }),
    ),
    /** What an answer with "always" would allow; absent where it is not to be had. */
    always: grantScopeSchema.optional(),
  }),
  z.object({
    ...common,
    type: z.literal("elicitation"),
    message: z.string(),
    /** JSON Schema of the form's fields. */
    form: z.record(z.string(), z.unknown()).optional(),
    /** Where the person has to go instead. */
    url: z.string().optional(),
  }),
]);
export type Question = z.infer<typeof questionSchema>;

/** An "always" that was given: it allows further calls of its scope on its channel until it expires or is revoked. */
export const grantSchema = z.object({
  id: z.string(),
  channel: z.string(),
  scope: grantScopeSchema,
  by: z.string(),
  grantedAt: z.number(),
  expiresAt: z.number(),
  questionId: z.string(),
});
export type Grant = z.infer<typeof grantSchema>;
