import type { BoardStore, Picture } from "@pilotlight/channels";
import { isScheduleId } from "@pilotlight/contracts";
import { occurrenceLine } from "../entries/occurrence-line.ts";
import { scheduleEntry } from "../entries/schedule-entry.ts";
import { SCHEDULES_QUEUE } from "./queue-names.ts";
import type { QueueSource } from "./queue-source.ts";

/** Due times that are shown of a schedule. */
const MOST_OCCURRENCES = 100;

/** All schedules as one queue, the next one due first; what became of the due times of each is its log. */
export function schedulesSource(store: BoardStore, { schedules }: Picture): QueueSource {
  return {
    name: SCHEDULES_QUEUE,
    title: "schedules",
    description:
      schedules.due + schedules.finished === 0
        ? "there are no schedules"
        : "delayed: due again, the next one first · completed: finished",
    statuses: ["delayed", "completed"],
    counts: { delayed: schedules.due, completed: schedules.finished },

    async list(status, start, count) {
      const which = status === "delayed" ? "due" : "finished";
      if (schedules[which] === 0) {
        return [];
      }
      const page = await store.listSchedules(which, start, count);
      return page.map((schedule) => scheduleEntry(schedule, "short"));
    },

    async find(id) {
      const schedule = isScheduleId(id) ? await store.getSchedule(id) : undefined;
      return schedule === undefined ? undefined : scheduleEntry(schedule, "full");
    },

    async log(id) {
      const occurrences = isScheduleId(id) ? await store.listOccurrences(id, MOST_OCCURRENCES) : [];
      return occurrences.length === 0 ? ["It was not due yet."] : occurrences.map(occurrenceLine);
    },
  };
}
