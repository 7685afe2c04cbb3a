import type { DecideOutcome } from "@pilotlight/channels";
import { decisionRequestSchema, enqueueRequestSchema } from "@pilotlight/contracts";
import type { RequestHandler, Router } from "express";
import { callbackOf } from "../callbacks/callback-of.ts";
import { channelOf } from "../http/channel-of.ts";
import { HttpProblem } from "../http/http-problem.ts";
import { lastEventIdOf } from "../http/last-event-id-of.ts";
import { preferredWaitSecs } from "../http/preferred-wait.ts";
import { promptIdOf, promptNotFound } from "../http/prompt-id-of.ts";
import { readJson, readNoFields } from "../http/read-json.ts";
import { sendJson } from "../http/send-json.ts";
import { wantsEventStream } from "../http/wants-event-stream.ts";
import type { IngressContext } from "../ingress-context.ts";
import { acceptPrompt } from "../prompts/accept-prompt.ts";
import { answerWhenFinished } from "../prompts/answer-when-finished.ts";
import { answerWithEvents } from "../prompts/answer-with-events.ts";
import { answerWithStream } from "../prompts/answer-with-stream.ts";
import { enqueueInput } from "../prompts/enqueue-input.ts";
import { listPage } from "../prompts/list-page.ts";
import { promptFilterOf } from "../prompts/prompt-filter.ts";
import { sendAccepted } from "../prompts/send-accepted.ts";
import { serve } from "./serve.ts";

export function promptRoutes(router: Router, context: IngressContext): void {
  serve(router, "/v1/channels/:channel/prompts", { post: enqueue(context) });
  serve(router, "/v1/prompts", { get: list(context) });
  serve(router, "/v1/prompts/:id", { get: show(context) });
  serve(router, "/v1/prompts/:id/cancel", { post: cancel(context) });
  serve(router, "/v1/prompts/:id/decision", { post: decide(context) });
  serve(router, "/v1/prompts/:id/events", { get: events(context), isStream: true });
}

function enqueue(context: IngressContext): RequestHandler {
  const { bodyBytes, promptBytes } = context.config.limits;
  return async (req, res) => {
    const channel = channelOf(req);
    const { value: body, bytes } = await readJson(req, res, enqueueRequestSchema, bodyBytes);
    const { callbackUrl } = body;
    const input = enqueueInput(req, res, {
      channel,
      body,
      bytes,
      mostPromptBytes: promptBytes,
      ...(callbackUrl === undefined ? {} : { callback: callbackOf(context, callbackUrl) }),
    });
    const waitSecs = preferredWaitSecs(req);
    if (wantsEventStream(req)) {
      await answerWithStream(context, res, input);
    } else if (waitSecs > 0) {
      await answerWhenFinished(context, res, input, waitSecs);
    } else {
      sendAccepted(res, await acceptPrompt(context.client, input));
    }
  };
}

function list({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    sendJson(res, 200, await listPage(client, promptFilterOf(req)));
  };
}

function show({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    const prompt = await client.getPrompt(promptIdOf(req));
    if (prompt === undefined) {
      throw promptNotFound();
    }
    sendJson(res, 200, prompt);
  };
}

/** 200 where it is cancelled by now; 202 where it runs, and its agent is told to stop. */
function cancel({ client, config }: IngressContext): RequestHandler {
  return async (req, res) => {
    const id = promptIdOf(req);
    await readNoFields(req, res, config.limits.bodyBytes);
    const outcome = await client.cancel(id);
    if (outcome.at === "final" && outcome.state !== "cancelled") {
      throw new HttpProblem("already_finished", `The prompt is ${outcome.state} already.`);
    }
    const prompt = await client.getPrompt(id);
    if (outcome.at === "missing" || prompt === undefined) {
      throw promptNotFound();
    }
    sendJson(res, outcome.at === "requested" ? 202 : 200, prompt);
  };
}

/** The first decision counts; the same once more is answered as it was. */
function decide({ client, config }: IngressContext): RequestHandler {
  return async (req, res) => {
    const id = promptIdOf(req);
    const { value } = await readJson(req, res, decisionRequestSchema, config.limits.bodyBytes);
    const outcome = await client.decide(id, value.decision, res.locals.keyId);
    refuseDecision(outcome);
    const prompt = await client.getPrompt(id);
    if (prompt === undefined) {
      throw promptNotFound();
    }
    sendJson(res, 200, prompt);
  };
}

function refuseDecision(outcome: DecideOutcome): void {
  switch (outcome.at) {
    case "missing":
      throw promptNotFound();
    case "not-waiting":
      throw new HttpProblem(
        "no_decision_needed",
        `The prompt is ${outcome.state}; it does not wait for a decision.`,
      );
    case "other": {
      const { decision, at, by } = outcome.decision;
      throw new HttpProblem(
        "already_decided",
        `"${decision}" was decided at ${new Date(at).toISOString()} with the key ${by}.`,
      );
    }
  }
}

function events(context: IngressContext): RequestHandler {
  return async (req, res) => {
    await answerWithEvents(context, res, promptIdOf(req), lastEventIdOf(req));
  };
}
