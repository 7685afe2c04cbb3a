import { channelSettingsSchema } from "@pilotlight/contracts";
import { keys } from "../keys.ts";
import type { ScheduleContext } from "./schedule-context.ts";
import type { ScheduleRecord } from "./schedule-record.ts";

/** Over the longest of the last openings: the next one may take longer. */
const SAFETY_FACTOR = 1.4;
/** For what comes before the opening: somebody has to take the channel. */
const SAFETY_MS = 500;

const agentsSchema = channelSettingsSchema.pick({ agents: true });

/** How long before its due time a schedule's session is opened; 0: it is not. */
export async function leadMs(context: ScheduleContext, record: ScheduleRecord): Promise<number> {
  const { preWarmSecs } = record.definition;
  if (preWarmSecs !== "auto") {
    return preWarmSecs === undefined ? context.preWarmMs : preWarmSecs * 1000;
  }
  const { redis } = context;
  const settings = await redis.hget(keys.channel(record.definition.channel), "cf");
  const { agents } = agentsSchema.parse(settings === null ? {} : pickAgents(JSON.parse(settings)));
  const [agent = context.defaultAgent] = agents ?? [];
  const times = (await redis.lrange(keys.opening(agent), 0, -1)).map(Number);
  // Nobody has seen it open: as long as for others.
  return times.length === 0 ? context.preWarmMs : Math.max(...times) * SAFETY_FACTOR + SAFETY_MS;
}

function pickAgents({ agents }: { agents?: unknown }): { agents?: unknown } {
  return agents === undefined ? {} : { agents };
}
