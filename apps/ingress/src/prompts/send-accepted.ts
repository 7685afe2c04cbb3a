import type { Response } from "express";
import { sendJson } from "../http/send-json.ts";
import type { AcceptedPrompt } from "./accept-prompt.ts";

/** 202: it is durable and will be run. */
export function sendAccepted(res: Response, accepted: AcceptedPrompt): void {
  sendJson(res, 202, accepted.response, acceptedHeaders(accepted));
}

export function acceptedHeaders(accepted: AcceptedPrompt): Record<string, string> {
  const { self } = accepted.response.links;
  return accepted.at === "replayed"
    ? { location: self, "idempotency-replayed": "true" }
    : { location: self };
}
