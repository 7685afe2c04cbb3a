import { HttpProblem } from "./http-problem.ts";

export function invalidParameter(name: string, detail: string): HttpProblem {
  return new HttpProblem("invalid_value", `The parameter ${name} ${detail}.`, {
    errors: [{ pointer: `?${name}`, detail }],
  });
}
