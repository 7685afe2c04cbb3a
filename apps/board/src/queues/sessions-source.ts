import type { Picture } from "@pilotlight/channels";
import type { SessionView } from "@pilotlight/contracts";
import { STATUS_OF_SESSION, sessionEntry } from "../entries/session-entry.ts";
import { SESSIONS_QUEUE } from "./queue-names.ts";
import type { QueueSource, ShownStatus } from "./queue-source.ts";

const STATUSES = ["active", "waiting", "delayed", "failed"] as const;

/** All live sessions as one queue: a view of the owners' records, kept nowhere. */
export function sessionsSource(picture: Picture): QueueSource {
  const sorted = [...picture.sessions].sort((a, b) => (a.channel < b.channel ? -1 : 1));
  const byStatus = Map.groupBy(sorted, (session) => STATUS_OF_SESSION[session.state]);
  const inStatus = (status: ShownStatus): SessionView[] => byStatus.get(status) ?? [];
  return {
    name: SESSIONS_QUEUE,
    title: "sessions",
    description: describe(picture),
    statuses: STATUSES,
    counts: Object.fromEntries(STATUSES.map((status) => [status, inStatus(status).length])),

    async list(status, start, count) {
      return inStatus(status)
        .slice(start, start + count)
        .map(sessionEntry);
    },

    async find(id) {
      const session = picture.sessions.find(({ channel }) => channel === id);
      return session === undefined ? undefined : sessionEntry(session);
    },

    async log() {
      return [];
    },
  };
}

function describe({ workers, sessions, hiddenChannels }: Picture): string {
  const standing = workers.reduce((sum, { standby }) => sum + (standby?.ready ?? 0), 0);
  const room = workers.reduce((sum, worker) => sum + worker.maxSessions, 0);
  return [
    workers.length === 0
      ? "no worker is running"
      : `${workers.length} worker${workers.length === 1 ? "" : "s"}, ${sessions.length} of ${room} sessions`,
    ...(standing === 0 ? [] : [`${standing} more standing by`]),
    ...(hiddenChannels === 0 ? [] : [`${hiddenChannels} more channels have work`]),
    "waiting: warm and ready",
    "delayed: warming or closing",
  ].join(" · ");
}
