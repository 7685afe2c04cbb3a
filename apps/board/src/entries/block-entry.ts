import type { BlockedChannel } from "@pilotlight/channels";
import type { ChannelBlock } from "@pilotlight/contracts";
import type { Entry, ShownStatus } from "../queues/queue-source.ts";
import { formatTime, formatUntil } from "./format-time.ts";
import { shorten } from "./shorten.ts";

type Reason = ChannelBlock["reason"];

/** Where the board lists a blocked channel: `waiting` for a person, `delayed` goes on by itself, `failed` rests. */
export const STATUS_OF_BLOCK: Readonly<Record<Reason, ShownStatus>> = {
  decision: "waiting",
  quota: "delayed",
  degraded: "failed",
};

const WORDS: Readonly<Record<Reason, string>> = {
  decision: "waits for a decision",
  quota: "waits for its agent's usage limit",
  degraded: "rests after failures of its agent",
};

const DETAIL_CHARS = 200;

/** Why nothing of a channel is run, and until when, in one line. */
export function blockLine(
  { reason, detail, promptId, until }: ChannelBlock,
  nowMs: number,
): string {
  const about = reason === "decision" && promptId !== undefined ? ` about ${promptId}` : "";
  const end = until === undefined ? "" : ` until ${formatUntil(until, nowMs)}`;
  const why = detail === undefined ? "" : `: ${shorten(firstLine(detail), "short", DETAIL_CHARS)}`;
  return `${WORDS[reason]}${about}${end}${why}`;
}

/** A blocked channel; its id is the channel. */
export function blockEntry({ channel, block }: BlockedChannel, nowMs: number): Entry {
  const { reason, detail, promptId, since, until } = block;
  const line = blockLine(block, nowMs);
  const said = reason === "degraded" ? linesAfterFirst(detail) : "";
  return {
    status: STATUS_OF_BLOCK[reason],
    json: {
      id: channel,
      name: until === undefined ? WORDS[reason] : `${WORDS[reason]} until ${formatTime(until)}`,
      timestamp: since,
      progress: 0,
      attemptsMade: 0,
      data: {
        channel,
        reason,
        detail: detail ?? null,
        since: formatTime(since),
        until: until === undefined ? null : formatUntil(until, nowMs),
        promptId: promptId ?? null,
      },
      returnvalue: null,
      failedReason: reason === "degraded" ? line : "",
      // Where there is a stack trace, Bull Board shows it instead of the reason: here what the agent said last.
      stacktrace: said === "" ? [] : [`${line}\n\n${said}`],
      opts: {},
    },
  };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function linesAfterFirst(text = ""): string {
  return text.split("\n").slice(1).join("\n");
}
