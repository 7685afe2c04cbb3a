import {
  isFinalPromptState,
  type Prompt,
  type WebhookResponse,
  webhookRequestSchema,
} from "@pilotlight/contracts";
import type { Router } from "express";
import { channelOf } from "../http/channel-of.ts";
import { readJson } from "../http/read-json.ts";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { awaitPrompt } from "../prompts/await-prompt.ts";
import { enqueueInput } from "../prompts/enqueue-input.ts";
import { acceptedHeaders } from "../prompts/send-accepted.ts";
import { serve } from "./serve.ts";

const WAIT_MS = 120_000;

/** The shape that chat bots of this kind already call: one prompt in, one message out. */
export function webhookRoutes(router: Router, context: IngressContext): void {
  const { bodyBytes, promptBytes } = context.config.limits;
  serve(router, "/webhook/session/:channel", {
    post: async (req, res) => {
      const channel = channelOf(req);
      const { value, bytes } = await readJson(req, res, webhookRequestSchema, bodyBytes);
      const body = { prompt: value.prompt, surface: "webhook" } as const;
      const input = enqueueInput(req, res, { channel, body, bytes, mostPromptBytes: promptBytes });
      const { accepted, finished } = await awaitPrompt(context, res, input, WAIT_MS);
      if (res.closed) {
        return;
      }
      const headers = acceptedHeaders(accepted);
      if (finished === undefined || !isFinalPromptState(finished.state)) {
        sendJson(res, 202, { success: true, message: `queued ${input.id}` }, headers);
      } else {
        sendJson(res, 200, webhookAnswer(finished), headers);
      }
    },
  });
}

function webhookAnswer(prompt: Prompt): WebhookResponse {
  return prompt.state === "completed"
    ? { success: true, message: prompt.text ?? "" }
    : { success: false, message: prompt.error?.message ?? `The turn was ${prompt.state}.` };
}
