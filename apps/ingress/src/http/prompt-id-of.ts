import { isPromptId, PROMPT_ID_PATTERN } from "@pilotlight/contracts";
import type { Request } from "express";
import { HttpProblem } from "./http-problem.ts";

/** The prompt that the path names. @throws HttpProblem `invalid_id` */
export function promptIdOf(req: Request): string {
  const { id } = req.params;
  if (typeof id !== "string" || !isPromptId(id)) {
    throw new HttpProblem("invalid_id", `A prompt id matches ${PROMPT_ID_PATTERN.source}.`);
  }
  return id;
}

export function promptNotFound(): HttpProblem {
  return new HttpProblem("prompt_not_found", "No prompt has this id, or it is past retention.");
}
