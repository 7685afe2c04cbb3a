import type { JobStatus, QueueJobJson } from "@bull-board/api/typings/app";

/** The states of Bull Board that we fill. */
export type ShownStatus = Extract<
  JobStatus,
  "active" | "waiting" | "delayed" | "completed" | "failed"
>;

/** One entry of a queue as Bull Board lists it. */
export interface Entry {
  readonly status: ShownStatus;
  readonly json: QueueJobJson;
}

/** What stands behind one queue of the board: a channel's queue, the sessions or the prompts. It only reads. */
export interface QueueSource {
  /** Unique on the board, part of the URL. */
  readonly name: string;
  readonly title: string;
  /** The line under the title. */
  readonly description: string;
  readonly counts: Readonly<Partial<Record<ShownStatus, number>>>;
  /** In the order in which the board shows them. */
  readonly statuses: readonly ShownStatus[];
  /** Newest first, by position. */
  list(status: ShownStatus, start: number, count: number): Promise<readonly Entry[]>;
  find(id: string): Promise<Entry | undefined>;
  /** One line per event. */
  log(id: string): Promise<string[]>;
}
