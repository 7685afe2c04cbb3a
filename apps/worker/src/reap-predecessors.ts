import { watchOwnedTrees } from "@pilotlight/agents";
import type { WorkerRegistry } from "@pilotlight/channels";
import type { Logger } from "@pilotlight/lifecycle";
import { ownPlace, startTicksOf } from "./process-place.ts";

/**
 * Ends what was left on this machine by workers that died together with their wardens: an incarnation whose process, by
 * pid and start time, is gone loses its agents first and its leases then. Redis being away or an agent that cannot be
 * ended holds up no start: such leases end by themselves.
 */
export async function reapPredecessors(registry: WorkerRegistry, log: Logger): Promise<void> {
  const place = ownPlace();
  if (place === undefined) {
    return;
  }
  try {
    for (const { id, description } of await registry.list()) {
      const { pid, startTicks, agentOwner } = description;
      if (description.place !== place || startTicks === undefined) {
        continue;
      }
      if (startTicksOf(pid) === startTicks) {
        continue;
      }
      log.warn({ worker: id }, "a worker of this machine is gone; its agents are ended");
      if (agentOwner !== undefined) {
        await watchOwnedTrees(agentOwner).kill();
      }
      await registry.revoke(id);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn({ reason }, "dead workers of this machine could not all be cleared away");
  }
}
