import type { WorkerView } from "@pilotlight/contracts";
import type { Entry, ShownStatus } from "../queues/queue-source.ts";
import { formatBytes } from "./format-bytes.ts";
import { formatDuration } from "./format-duration.ts";

/** Where the board lists a worker; a draining one takes nothing new and ends. */
export const STATUS_OF_WORKER: Readonly<Record<WorkerView["state"], ShownStatus>> = {
  running: "active",
  draining: "delayed",
};

/** A live worker, with what it has standing by for new channels. */
export function workerEntry(worker: WorkerView, nowMs: number): Entry {
  const { id, host, pid, state, sessions, maxSessions, standby, startedAt, rssBytes } = worker;
  return {
    status: STATUS_OF_WORKER[state],
    json: {
      id,
      name: `${state} · ${sessions} of ${maxSessions} sessions${standby === undefined ? "" : ` · ${standby.ready} standing by`}`,
      timestamp: startedAt,
      progress: 0,
      attemptsMade: 0,
      data: {
        worker: id,
        host,
        pid,
        state,
        up: formatDuration(Math.max(0, nowMs - startedAt)),
        sessions: `${sessions} of ${maxSessions}`,
        standby: standby ?? null,
        memory: rssBytes === undefined ? null : formatBytes(rssBytes),
      },
      returnvalue: null,
      failedReason: "",
      stacktrace: [],
      opts: {},
    },
  };
}
