import type { Picture } from "@pilotlight/channels";
import { blockEntry, STATUS_OF_BLOCK } from "../entries/block-entry.ts";
import { BLOCKED_QUEUE } from "./queue-names.ts";
import type { QueueSource, ShownStatus } from "./queue-source.ts";

const STATUSES = ["waiting", "delayed", "failed"] as const;

/** The channels of which nothing is run at the moment, and why. */
export function blockedSource({ blocked, atMs }: Picture): QueueSource {
  const byStatus = Map.groupBy(blocked, ({ block }) => STATUS_OF_BLOCK[block.reason]);
  const inStatus = (status: ShownStatus) => byStatus.get(status) ?? [];
  return {
    name: BLOCKED_QUEUE,
    title: "blocked",
    description:
      blocked.length === 0
        ? "no channel is blocked"
        : [
            `${blocked.length} channel${blocked.length === 1 ? "" : "s"}`,
            "waiting: a person decides",
            "delayed: until a usage limit is reset",
            "failed: a rest after failures",
          ].join(" · "),
    statuses: STATUSES,
    counts: Object.fromEntries(STATUSES.map((status) => [status, inStatus(status).length])),

    async list(status, start, count) {
      return inStatus(status)
        .slice(start, start + count)
        .map((one) => blockEntry(one, atMs));
    },

    async find(id) {
      const found = blocked.find(({ channel }) => channel === id);
      return found === undefined ? undefined : blockEntry(found, atMs);
    },

    async log() {
      return [];
    },
  };
}
