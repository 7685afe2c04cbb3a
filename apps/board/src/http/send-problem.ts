import { PROBLEM_CODES, type Problem, type ProblemCode } from "@pilotlight/contracts";
import type { Response } from "express";

/** Answers with RFC 9457 problem details, as the HTTP API does. */
export function sendProblem(res: Response, code: ProblemCode, detail: string): void {
  const { status, title } = PROBLEM_CODES[code];
  const problem: Problem = {
    type: `urn:pilotlight:problem:${code}`,
    title,
    status,
    detail,
    // Without its query: a key must not come back in an answer.
    instance: res.req.originalUrl.split("?")[0] ?? "/",
    code,
  };
  res.status(status).type("application/problem+json").send(JSON.stringify(problem));
}
