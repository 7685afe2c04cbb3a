import type { BoardStore, JobState, ShownChannel } from "@pilotlight/channels";
import { blockLine } from "../entries/block-entry.ts";
import { formatDuration } from "../entries/format-duration.ts";
import { jobEntry, STATUS_OF_JOB } from "../entries/job-entry.ts";
import { promptLog } from "./prompt-log.ts";
import { boardNameOf } from "./queue-names.ts";
import type { QueueSource, ShownStatus } from "./queue-source.ts";

const STATE_OF_STATUS = new Map(
  Object.entries(STATUS_OF_JOB).map(([state, status]) => [status, state as JobState]),
);

/** A channel's BullMQ queue; the line under the title has its live session, or why nothing of it is run. */
export function channelSource(store: BoardStore, shown: ShownChannel, atMs: number): QueueSource {
  const { channel, jobs } = shown;
  return {
    name: boardNameOf(channel),
    title: channel,
    description: describe(shown, atMs),
    statuses: ["active", "waiting", "completed", "failed"],
    counts: {
      active: jobs.active,
      waiting: jobs.wait,
      completed: jobs.completed,
      failed: jobs.failed,
    },

    async list(status: ShownStatus, start: number, count: number) {
      const state = STATE_OF_STATUS.get(status);
      if (state === undefined || jobs[state] === 0) {
        return [];
      }
      const page = await store.listJobs(channel, state, start, count);
      return page.map((job) => jobEntry(job, "short"));
    },

    async find(id) {
      const job = await store.getJob(channel, id);
      return job === undefined ? undefined : jobEntry(job, "full");
    },

    log: (id) => promptLog(store, id),
  };
}

function describe({ session, owner, block }: ShownChannel, atMs: number): string {
  if (session === undefined) {
    if (block !== undefined) {
      return blockLine(block, atMs);
    }
    return owner === undefined ? "cold · waits for an owner" : `cold · owner ${owner}`;
  }
  return [
    ...(block === undefined ? [] : [blockLine(block, atMs)]),
    session.state,
    `owner ${session.worker}`,
    `fence ${session.fence}`,
    ...(session.pid === undefined ? [] : [`pid ${session.pid}`]),
    ...(session.state === "warm" ? [`idle ${formatDuration(session.idleMs)}`] : []),
    `agent ${session.agent}`,
  ].join(" · ");
}
