import type { SessionState, SessionView } from "@pilotlight/contracts";
import type { Entry, ShownStatus } from "../queues/queue-source.ts";
import { formatBytes } from "./format-bytes.ts";
import { formatDuration } from "./format-duration.ts";

/**
 * Where the board lists a session: `active` works (or waits for a person in the middle of its work), `waiting` is
 * warm and waits for its next prompt, `delayed` is on its way up or down, `failed` cannot work.
 */
export const STATUS_OF_SESSION: Readonly<Record<SessionState, ShownStatus>> = {
  busy: "active",
  waiting: "active",
  warm: "waiting",
  warming: "delayed",
  closing: "delayed",
  degraded: "failed",
};

/** A live session; its id is its channel, its name what it does. */
export function sessionEntry(session: SessionView): Entry {
  return {
    status: STATUS_OF_SESSION[session.state],
    json: {
      id: session.channel,
      name: `${session.state} · ${session.agent}`,
      timestamp: claimedAtMs(session),
      processedBy: session.worker,
      progress: 0,
      attemptsMade: 0,
      data: {
        channel: session.channel,
        state: session.state,
        worker: session.worker,
        fence: session.fence,
        agent: session.agent,
        pid: session.pid ?? null,
        sessionId: session.sessionId ?? null,
        idle: formatDuration(session.idleMs),
        memory: session.rssBytes === undefined ? null : formatBytes(session.rssBytes),
        promptId: session.promptId ?? null,
      },
      returnvalue: null,
      failedReason: session.state === "degraded" ? "degraded: its agent does not start" : "",
      stacktrace: [],
      opts: {},
    },
  };
}

/** A fence is the microsecond of its claim, but for ties: when this owner took the channel. */
function claimedAtMs(session: SessionView): number {
  return Math.floor(session.fence / 1000);
}
