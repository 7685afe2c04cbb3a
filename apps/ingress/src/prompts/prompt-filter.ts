import type { PromptFilter } from "@pilotlight/channels";
import { isChannelId, PROMPT_STATES, type PromptState } from "@pilotlight/contracts";
import type { Request } from "express";
import { invalidChannel } from "../http/channel-of.ts";
import { invalidParameter } from "../http/invalid-parameter.ts";
import { pageLimitOf } from "../http/page-limit-of.ts";
import { queryOf } from "../http/query-of.ts";

/** @throws HttpProblem for a parameter that is unknown or has a value that is not allowed */
export function promptFilterOf(req: Request): PromptFilter {
  const query = queryOf(req, ["channel", "state", "cursor", "limit"]);
  const { channel, state, cursor } = query;
  const limit = pageLimitOf(query.limit);
  if (channel !== undefined && !isChannelId(channel)) {
    throw invalidChannel();
  }
  if (state !== undefined && !isPromptState(state)) {
    throw invalidParameter("state", `must be one of ${PROMPT_STATES.join(", ")}`);
  }
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) {
    throw invalidParameter("cursor", "must be a nextCursor of an earlier answer");
  }
  return {
    limit,
    ...(channel === undefined ? {} : { channel }),
    ...(state === undefined ? {} : { state }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function isPromptState(text: string): text is PromptState {
  return (PROMPT_STATES as readonly string[]).includes(text);
}
