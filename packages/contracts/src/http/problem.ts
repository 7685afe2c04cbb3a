import { z } from "zod";

/** RFC 9457 problem details, as every error of the HTTP API is answered. `code` is one of `PROBLEM_CODES`. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  instance: z.string().optional(),
  code: z.string(),
  requestId: z.string().optional(),
  /** JSON pointers into the body, or `?name` for a parameter of the URL. */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  /** Seconds. */
  retryAfter: z.number().optional(),
  /** `unknown` where the store may have taken the write although no answer came back. */
  outcome: z.enum(["none", "unknown"]).optional(),
  /** What was allowed, and what came; bytes, or prompts of a queue. */
  limit: z.number().optional(),
  actual: z.number().optional(),
  /** Where in the body JSON ends to be valid, in characters. */
  offset: z.number().optional(),
  /** The prompt it is about, where its outcome is unknown: ask for it later. */
  promptId: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;
