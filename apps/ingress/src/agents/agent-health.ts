import type { WorkerHealth } from "@pilotlight/channels";
import { AGENT_STATES, type AgentHealth } from "@pilotlight/contracts";

/** One agent over all workers: as well as it is where it is best, for there a channel can be served. */
export function agentHealthOf(agent: string, workers: readonly WorkerHealth[]): AgentHealth {
  const seen = workers.flatMap(({ worker, host, agents }) => {
    if (!Object.hasOwn(agents, agent)) {
      return [];
    }
    const { answered: _, ...view } = agents[agent] as WorkerHealth["agents"][string];
    return [{ worker, host, ...view }];
  });
  const [best] = seen.toSorted(
    (a, b) => AGENT_STATES.indexOf(a.state) - AGENT_STATES.indexOf(b.state),
  );
  const lastGoodAt = Math.max(...seen.map((view) => view.lastGoodAt ?? 0));
  return {
    agent,
    state: best?.state ?? "cold",
    ...(best?.reason === undefined ? {} : { reason: best.reason }),
    ...(best?.limitedUntil === undefined ? {} : { limitedUntil: best.limitedUntil }),
    ...(lastGoodAt > 0 ? { lastGoodAt } : {}),
    workers: seen,
  };
}

/** The agents that any worker watches, the default one first. */
export function watchedAgents(
  defaultAgent: string,
  workers: readonly WorkerHealth[],
): readonly string[] {
  const others = workers.flatMap(({ agents }) => Object.keys(agents)).sort();
  return [...new Set([defaultAgent, ...others])];
}
