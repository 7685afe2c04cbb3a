import type { ChannelJob, JobState } from "@pilotlight/channels";
import type { Entry, ShownStatus } from "../queues/queue-source.ts";
import { promptJson } from "./prompt-entry.ts";
import type { TextLength } from "./shorten.ts";

/** BullMQ's list `wait` is Bull Board's state `waiting`. */
export const STATUS_OF_JOB: Readonly<Record<JobState, ShownStatus>> = {
  active: "active",
  wait: "waiting",
  completed: "completed",
  failed: "failed",
};

/**
 * A job of a channel's queue. Its place and times are BullMQ's; the job itself holds only the prompt's id, so what
 * was asked and answered comes from the journal while that still has it.
 */
export function jobEntry(job: ChannelJob, length: TextLength): Entry {
  const { fields } = job;
  const known = job.prompt === undefined ? undefined : promptJson(job.prompt, length);
  return {
    status: STATUS_OF_JOB[job.state],
    json: {
      id: job.id,
      name: fields.name ?? "prompt",
      timestamp: Number(fields.timestamp),
      processedOn: optionalNumber(fields.processedOn),
      processedBy: known?.processedBy ?? null,
      finishedOn: optionalNumber(fields.finishedOn),
      progress: known?.progress ?? 0,
      attemptsMade: Number(fields.atm ?? 0),
      data: { ...parsed(fields.data), ...known?.data },
      returnvalue: known?.returnvalue ?? parsed(fields.returnvalue) ?? null,
      failedReason: known?.failedReason || (fields.failedReason ?? ""),
      stacktrace: known?.stacktrace ?? [],
      opts: parsed(fields.opts) ?? {},
    },
  };
}

function optionalNumber(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

function parsed(json: string | undefined): Record<string, unknown> | undefined {
  return json === undefined ? undefined : JSON.parse(json);
}
