import type { Redis } from "@pilotlight/redis";
import type { EnqueueLimits } from "../prompts/enqueue-prompt.ts";
import type { QueueBackend } from "../queue/queue-backend.ts";

/** What schedules are put, fired and warmed with. */
export interface ScheduleContext {
  readonly redis: Redis;
  readonly base: QueueBackend;
  readonly limits: EnqueueLimits;
  /** The agent of channels that name none. */
  readonly defaultAgent: string;
  /** How long before a due time a session is opened where the schedule does not say. */
  readonly preWarmMs: number;
}
