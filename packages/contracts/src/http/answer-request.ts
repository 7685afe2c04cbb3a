import { z } from "zod";
import { OPTION_KINDS } from "../questions/question.ts";

/**
 * The body of `POST /v1/permissions/:id/answer`: for a permission one of its options by id, or by what it means; for an
 * elicitation an action, with the form's fields. `hash` binds the answer to what was shown.
 */
export const answerRequestSchema = z
  .strictObject({
    optionId: z.string().min(1).max(200).optional(),
    decision: z.enum(OPTION_KINDS).optional(),
    action: z.enum(["accept", "decline"]).optional(),
    content: z.record(z.string(), z.unknown()).optional(),
    hash: z.string().max(200).optional(),
  })
  .superRefine(({ optionId, decision, action, content }, context) => {
    const given = [optionId, decision, action].filter((one) => one !== undefined).length;
    if (given !== 1) {
      context.addIssue({
        code: "custom",
        params: { code: "invalid_value" },
        message: "must have exactly one of optionId, decision and action",
      });
    }
    if (content !== undefined && action !== "accept") {
      context.addIssue({
        code: "custom",
        path: ["content"],
        params: { code: "invalid_value" },
        message: 'goes with action "accept" only',
      });
    }
  });
export type AnswerRequest = z.infer<typeof answerRequestSchema>;
