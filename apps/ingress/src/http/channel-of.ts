import { CHANNEL_ID_PATTERN, isChannelId } from "@pilotlight/contracts";
import type { Request } from "express";
import { HttpProblem } from "./http-problem.ts";

/** The channel that the path names. @throws HttpProblem `invalid_channel` */
export function channelOf(req: Request): string {
  const { channel } = req.params;
  if (typeof channel !== "string" || !isChannelId(channel)) {
    throw invalidChannel();
  }
  return channel;
}

export function invalidChannel(): HttpProblem {
  return new HttpProblem(
    "invalid_channel",
    `A channel id matches ${CHANNEL_ID_PATTERN.source} and is case-sensitive.`,
  );
}
