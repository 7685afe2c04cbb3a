import { STATUS_CODES } from "node:http";
import type { Problem } from "@pilotlight/contracts";
import type { Response } from "express";

/** Answers with RFC 9457 problem details. `code` is stable, `detail` is for people. */
export function sendProblem(res: Response, status: number, code: string, detail: string): void {
  const problem: Problem = {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail,
    instance: res.req.originalUrl.split("?")[0] ?? "/",
    code,
  };
  res.status(status).type("application/problem+json").send(JSON.stringify(problem));
}
