import type { AnswerOutcome, ShownQuestion } from "@pilotlight/channels";
import {
  answerRequestSchema,
  isQuestionId,
  QUESTION_ID_PATTERN,
  type Question,
} from "@pilotlight/contracts";
import type { Request, RequestHandler, Router } from "express";
import { channelOf } from "../http/channel-of.ts";
import { HttpProblem } from "../http/http-problem.ts";
import { readJson } from "../http/read-json.ts";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { answerOf, shownDiffers } from "../questions/answer-of.ts";
import { questionFilterOf } from "../questions/question-filter.ts";
import { serve } from "./serve.ts";

/** What agents ask people in the middle of a turn, and what people said "always" to. */
export function questionRoutes(router: Router, context: IngressContext): void {
  serve(router, "/v1/permissions", { get: list(context) });
  serve(router, "/v1/permissions/:id", { get: show(context) });
  serve(router, "/v1/permissions/:id/answer", { post: answer(context) });
  serve(router, "/v1/channels/:channel/grants", { get: grants(context) });
  serve(router, "/v1/channels/:channel/grants/:grant", { delete: revoke(context) });
}

/** The pending ones, those that expire first ahead, unless another state is asked for. */
function list({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    sendJson(res, 200, await client.questions.list(questionFilterOf(req)));
  };
}

function show({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    sendJson(res, 200, found(await client.questions.get(questionIdOf(req))));
  };
}

/** The first valid answer counts; the same once more is answered as it was. */
function answer({ client, config }: IngressContext): RequestHandler {
  return async (req, res) => {
    const id = questionIdOf(req);
    const { value } = await readJson(req, res, answerRequestSchema, config.limits.bodyBytes);
    const question = found(await client.questions.shown(id));
    const outcome = await client.questions.answer(id, {
      answer: answerOf(question, value),
      by: res.locals.keyId,
      ...(value.hash === undefined ? {} : { hash: value.hash }),
    });
    sendJson(res, 200, takenOf(outcome));
  };
}

function takenOf(outcome: AnswerOutcome): Question {
  switch (outcome.at) {
    case "answered":
    case "same":
      return outcome.question;
    case "other": {
      const { given } = outcome.question;
      const when = given === undefined ? "" : ` at ${new Date(given.answeredAt).toISOString()}`;
      throw new HttpProblem(
        "already_answered",
        `It was answered otherwise${when} with the key ${given?.by ?? "unknown"}.`,
      );
    }
    case "differs":
      throw shownDiffers();
    case "expired":
    case "over":
      throw new HttpProblem("permission_expired", WHY_OVER[outcome.question.state]);
    case "missing":
      throw questionNotFound();
  }
}

const WHY_OVER = {
  pending: "Nobody answered in time.",
  answered: "Its turn is over.",
  expired: "Nobody answered in time; it was rejected.",
  superseded: "The agent that asked is gone; the recovered turn asks again where it has to.",
  cancelled: "Its turn is over, or was cancelled.",
} as const satisfies Record<Question["state"], string>;

function grants({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    sendJson(res, 200, { items: await client.questions.listGrants(channelOf(req)) });
  };
}

function revoke({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    const channel = channelOf(req);
    const { grant } = req.params;
    if (
      typeof grant !== "string" ||
      (await client.questions.revokeGrant(channel, grant)) === "missing"
    ) {
      throw new HttpProblem("grant_not_found", "No grant of this channel has this id any more.");
    }
    res.status(204).end();
  };
}

function questionIdOf(req: Request): string {
  const { id } = req.params;
  if (typeof id !== "string" || !isQuestionId(id)) {
    throw new HttpProblem("invalid_id", `A permission's id matches ${QUESTION_ID_PATTERN.source}.`);
  }
  return id;
}

function found<Q extends ShownQuestion>(question: Q | undefined): Q {
  if (question === undefined) {
    throw questionNotFound();
  }
  return question;
}

function questionNotFound(): HttpProblem {
  return new HttpProblem(
    "permission_not_found",
    "No permission has this id, or it was closed more than a day ago.",
  );
}
