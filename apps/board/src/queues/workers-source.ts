import type { Picture } from "@pilotlight/channels";
import { STATUS_OF_WORKER, workerEntry } from "../entries/worker-entry.ts";
import { WORKERS_QUEUE } from "./queue-names.ts";
import type { QueueSource, ShownStatus } from "./queue-source.ts";

const STATUSES = ["active", "delayed"] as const;

/** The live workers, and what they have standing by. */
export function workersSource({ workers, atMs }: Picture): QueueSource {
  const inStatus = (status: ShownStatus) =>
    workers.filter(({ state }) => STATUS_OF_WORKER[state] === status);
  const total = (figure: "ready" | "adopted" | "missed") =>
    workers.reduce((sum, { standby }) => sum + (standby?.[figure] ?? 0), 0);
  return {
    name: WORKERS_QUEUE,
    title: "workers",
    description:
      workers.length === 0
        ? "no worker is running"
        : `standby sessions: ${total("ready")} ready, ${total("adopted")} taken, ${total("missed")} missed · delayed: draining`,
    statuses: STATUSES,
    counts: Object.fromEntries(STATUSES.map((status) => [status, inStatus(status).length])),

    async list(status, start, count) {
      return inStatus(status)
        .slice(start, start + count)
        .map((worker) => workerEntry(worker, atMs));
    },

    async find(id) {
      const found = workers.find((worker) => worker.id === id);
      return found === undefined ? undefined : workerEntry(found, atMs);
    },

    async log() {
      return [];
    },
  };
}
