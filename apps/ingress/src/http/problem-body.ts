import { PROBLEM_CODES, type Problem } from "@pilotlight/contracts";
import type { HttpProblem } from "./http-problem.ts";

export interface ProblemPlace {
  /** Path of the request, without its query: a key must not come back in an answer. */
  readonly instance?: string;
  readonly requestId?: string;
}

/** RFC 9457 problem details as they go on the wire. */
export function problemBody(problem: HttpProblem, place: ProblemPlace): Problem {
  const code = problem.problemCode;
  return {
    type: `urn:pilotlight:problem:${code}`,
    title: PROBLEM_CODES[code].title,
    status: problem.status,
    detail: problem.message,
    ...place,
    code,
    ...problem.extras,
  };
}
