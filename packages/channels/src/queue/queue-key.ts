import { QUEUE_PREFIX } from "../keys.ts";
import { queueNameOf } from "./queue-name.ts";

/** BullMQ's key of a channel's queue: `wait`, `active`, `completed`, `failed`, or a job's id. */
export function queueKey(channel: string, suffix: string): string {
  return `${QUEUE_PREFIX}:${queueNameOf(channel)}:${suffix}`;
}
