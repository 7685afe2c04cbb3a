import type { QuestionFilter } from "@pilotlight/channels";
import {
  isChannelId,
  isPromptId,
  QUESTION_STATES,
  QUESTION_TYPES,
  type QuestionState,
  type QuestionType,
} from "@pilotlight/contracts";
import type { Request } from "express";
import { invalidChannel } from "../http/channel-of.ts";
import { invalidParameter } from "../http/invalid-parameter.ts";
import { pageLimitOf } from "../http/page-limit-of.ts";
import { queryOf } from "../http/query-of.ts";

/** Which questions are asked for: the pending ones where it does not say. @throws HttpProblem for a parameter that is unknown or has a value that is not allowed */
export function questionFilterOf(req: Request): QuestionFilter {
  const query = queryOf(req, ["channel", "promptId", "type", "state", "cursor", "limit"]);
  const { channel, promptId, type, state = "pending", cursor } = query;
  const limit = pageLimitOf(query.limit);
  if (channel !== undefined && !isChannelId(channel)) {
    throw invalidChannel();
  }
  if (promptId !== undefined && !isPromptId(promptId)) {
    throw invalidParameter("promptId", "must be the id of a prompt");
  }
  if (cursor !== undefined && !/^[\w.:-]{1,100}$/.test(cursor)) {
    throw invalidParameter("cursor", "must be a nextCursor of an earlier answer");
  }
  return {
    limit,
    ...(channel === undefined ? {} : { channel }),
    ...(promptId === undefined ? {} : { promptId }),
    ...(type === undefined ? {} : { type: oneOf<QuestionType>("type", type, QUESTION_TYPES) }),
    ...(state === "any"
      ? {}
      : { state: oneOf<QuestionState>("state", state, QUESTION_STATES, ["any"]) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function oneOf<T extends string>(
  name: string,
  text: string,
  values: readonly T[],
  besides: readonly string[] = [],
): T {
  const value = values.find((one) => one === text);
  if (value === undefined) {
    throw invalidParameter(name, `must be one of ${[...values, ...besides].join(", ")}`);
  }
  return value;
}
