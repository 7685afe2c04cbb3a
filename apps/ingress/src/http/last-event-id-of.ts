import { EVENT_ID_PATTERN } from "@pilotlight/channels";
import type { Request } from "express";
import { HttpProblem } from "./http-problem.ts";

/** Where a client that was here before wants to go on. @throws HttpProblem `invalid_event_id` */
export function lastEventIdOf(req: Request): string | undefined {
  const id = req.headers["last-event-id"];
  if (id === undefined || id === "") {
    return undefined;
  }
  if (typeof id !== "string" || !EVENT_ID_PATTERN.test(id)) {
    throw new HttpProblem("invalid_event_id", "Last-Event-ID must be the id of an event.");
  }
  return id;
}
