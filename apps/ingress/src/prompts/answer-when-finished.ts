import type { EnqueueInput } from "@pilotlight/channels";
import type { Response } from "express";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { awaitPrompt } from "./await-prompt.ts";
import { acceptedHeaders, sendAccepted } from "./send-accepted.ts";

/** 200 with the finished prompt, or 202 when time is up. */
export async function answerWhenFinished(
  context: IngressContext,
  res: Response,
  input: EnqueueInput,
  waitSecs: number,
): Promise<void> {
  const { accepted, finished } = await awaitPrompt(context, res, input, waitSecs * 1000);
  if (res.closed) {
    return;
  }
  res.setHeader("preference-applied", `wait=${waitSecs}`);
  if (finished === undefined) {
    sendAccepted(res, accepted);
  } else {
    sendJson(res, 200, finished, acceptedHeaders(accepted));
  }
}
