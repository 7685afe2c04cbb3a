import { BaseAdapter } from "@bull-board/api/dist/queueAdapters/base.js";
import type {
  JobCounts,
  JobStatus,
  QueueJob,
  QueueMetrics,
  Status,
} from "@bull-board/api/typings/app";
import type { Entry, QueueSource, ShownStatus } from "./queue-source.ts";
import { ReadOnlyError } from "./read-only-error.ts";

/** Entries of one state on a page, whatever the request asks for. */
const MOST_PER_PAGE = 100;

/**
 * Puts a `QueueSource` before Bull Board, which wants a subclass of its own base. Everything that would change
 * something throws `ReadOnlyError`, should a request ever come this far.
 */
export class ReadOnlyAdapter extends BaseAdapter {
  readonly #source: QueueSource;

  constructor(source: QueueSource) {
    super("bullmq", {
      readOnlyMode: true,
      displayName: source.title,
      description: source.description,
    });
    this.#source = source;
  }

  getName(): string {
    return this.#source.name;
  }

  getStatuses(): Status[] {
    return ["latest", ...this.#source.statuses] as Status[];
  }

  getJobStatuses(): JobStatus[] {
    return [...this.#source.statuses] as JobStatus[];
  }

  async getJobCounts(): Promise<JobCounts> {
    return { ...this.#source.counts };
  }

  async getJobs(statuses: JobStatus[], start = 0, end = MOST_PER_PAGE - 1): Promise<QueueJob[]> {
    const count = Math.min(end - start + 1, MOST_PER_PAGE);
    const shown = this.#source.statuses.filter((status) => statuses.includes(status as JobStatus));
    const pages = await Promise.all(
      shown.map((status: ShownStatus) => this.#source.list(status, start, count)),
    );
    return pages.flat().map(queueJob);
  }

  async getJob(id: string): Promise<QueueJob | undefined> {
    const entry = await this.#source.find(id);
    return entry === undefined ? undefined : queueJob(entry);
  }

  getJobLogs(id: string): Promise<string[]> {
    return this.#source.log(id);
  }

  /** Asked for by the page of a job: ours have neither parents nor children. */
  getQueueQualifiedName(): string {
    return this.#source.name;
  }

  async getFlowProducer(): Promise<null> {
    return null;
  }

  async getMetrics(): Promise<QueueMetrics> {
    return { meta: { count: 0, prevTS: 0, prevCount: 0 }, data: [], count: 0 };
  }

  async getRedisInfo(): Promise<null> {
    return null;
  }

  async isPaused(): Promise<boolean> {
    return false;
  }

  async getGlobalConcurrency(): Promise<number | null> {
    return null;
  }

  async getJobSchedulers(): Promise<[]> {
    return [];
  }

  async getJobSchedulersCount(): Promise<number> {
    return 0;
  }

  clean = refuse;
  addJob = refuse;
  pause = refuse;
  resume = refuse;
  empty = refuse;
  obliterate = refuse;
  promoteAll = refuse;
  removeJobScheduler = refuse;
  updateJobScheduler = refuse;
  runJobSchedulerNow = refuse;
  setGlobalConcurrency = refuse;
}

async function refuse(): Promise<never> {
  throw new ReadOnlyError();
}

function queueJob(entry: Entry): QueueJob {
  return {
    opts: {},
    toJSON: () => entry.json,
    getState: async () => entry.status,
    promote: refuse,
    remove: refuse,
    retry: refuse,
  };
}
