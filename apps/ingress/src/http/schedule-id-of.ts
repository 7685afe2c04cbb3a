import { isScheduleId, SCHEDULE_ID_PATTERN } from "@pilotlight/contracts";
import type { Request } from "express";
import { HttpProblem } from "./http-problem.ts";

/** The schedule that the path names. @throws HttpProblem `invalid_schedule` */
export function scheduleIdOf(req: Request): string {
  const { id } = req.params;
  if (typeof id !== "string" || !isScheduleId(id)) {
    throw new HttpProblem(
      "invalid_schedule",
      `A schedule id matches ${SCHEDULE_ID_PATTERN.source} and is case-sensitive.`,
    );
  }
  return id;
}

export function scheduleNotFound(): HttpProblem {
  return new HttpProblem("schedule_not_found", "No schedule has this id.");
}
