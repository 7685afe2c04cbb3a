import { z } from "zod";

/** RFC 9457 problem details, as every error of the HTTP API is answered. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  instance: z.string().optional(),
  code: z.string(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  retryAfter: z.number().optional(),
  /** `unknown` where the store may have taken the write although no answer came back. */
  outcome: z.enum(["unknown"]).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
