import type { PromptFilter } from "@pilotlight/channels";
import { isChannelId, PROMPT_STATES, type PromptState } from "@pilotlight/contracts";
import type { Request } from "express";
import { invalidChannel } from "../http/channel-of.ts";
import { HttpProblem } from "../http/http-problem.ts";
import { queryOf } from "../http/query-of.ts";

const DEFAULT_LIMIT = 50;
const MOST = 200;

/** @throws HttpProblem for a parameter that is unknown or has a value that is not allowed */
export function promptFilterOf(req: Request): PromptFilter {
  const query = queryOf(req, ["channel", "state", "cursor", "limit"]);
  const { channel, state, cursor, limit = String(DEFAULT_LIMIT) } = query;
  if (channel !== undefined && !isChannelId(channel)) {
    throw invalidChannel();
  }
  if (state !== undefined && !isPromptState(state)) {
    throw invalidParameter("state", `must be one of ${PROMPT_STATES.join(", ")}`);
  }
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) {
    throw invalidParameter("cursor", "must be a nextCursor of an earlier answer");
  }
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MOST) {
    throw invalidParameter("limit", `must be a whole number from 1 to ${MOST}`);
  }
  return {
    limit: Number(limit),
    ...(channel === undefined ? {} : { channel }),
    ...(state === undefined ? {} : { state }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function isPromptState(text: string): text is PromptState {
  return (PROMPT_STATES as readonly string[]).includes(text);
}

function invalidParameter(name: string, detail: string): HttpProblem {
  return new HttpProblem("invalid_value", `The parameter ${name} ${detail}.`, {
    errors: [{ pointer: `?${name}`, detail }],
  });
}
