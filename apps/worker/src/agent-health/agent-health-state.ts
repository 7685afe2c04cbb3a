import type { AgentState } from "@pilotlight/contracts";

/** What somebody saw of an agent: a turn, an opened session, a probe. */
export type AgentEvidence =
  | { readonly at: "good" }
  | { readonly at: "failed"; readonly reason: string }
  /** It answers, and says that its usage limit is hit until then (Unix ms). */
  | { readonly at: "limited"; readonly untilMs: number; readonly reason: string };

/** What a probe found; `unknown` where the agent is not to be started for it. */
export type ProbeOutcome =
  | Exclude<AgentEvidence, { readonly at: "limited" }>
  | { readonly at: "unknown"; readonly reason: string };

/** What the last evidence was. */
type LastSeen =
  | { readonly at: "nothing" }
  | { readonly at: "good" }
  | { readonly at: "failed"; readonly atMs: number; readonly reason: string };

/** The end of a usage limit is not seen: it is over when its time has come. */
type Limit =
  | { readonly at: "none" }
  | { readonly at: "hit"; readonly untilMs: number; readonly reason: string };

export interface AgentHealthState {
  readonly last: LastSeen;
  readonly limit: Limit;
  readonly lastGoodMs?: number;
  readonly lastProbeMs?: number;
  /** Why the last probe told nothing. */
  readonly unknown?: string;
  readonly good: number;
  readonly failed: number;
  /** Failures since it was last seen well. */
  readonly failedInARow: number;
}

export const UNSEEN: AgentHealthState = {
  last: { at: "nothing" },
  limit: { at: "none" },
  good: 0,
  failed: 0,
  failedInARow: 0,
};

const WARM_MS = 5 * 60_000;
/** A probe may be a little late before its agent counts as not seen. */
const HEALTHY_INTERVALS = 1.2;
const FIRST_RETRY_MS = 30_000;

/** A well agent may still have its limit hit: that a start or a probe works says nothing about it. */
export function noted(
  state: AgentHealthState,
  evidence: AgentEvidence,
  nowMs: number,
): AgentHealthState {
  switch (evidence.at) {
    case "good":
      return {
        ...withoutUnknown(state),
        last: { at: "good" },
        lastGoodMs: nowMs,
        good: state.good + 1,
        failedInARow: 0,
      };
    case "failed":
      return {
        ...withoutUnknown(state),
        last: { at: "failed", atMs: nowMs, reason: evidence.reason },
        failed: state.failed + 1,
        failedInARow: state.failedInARow + 1,
      };
    case "limited":
      return {
        ...withoutUnknown(state),
        // Whoever says this is not dead.
        last: state.last.at === "failed" ? { at: "nothing" } : state.last,
        limit: { at: "hit", untilMs: evidence.untilMs, reason: evidence.reason },
        failed: state.failed + 1,
        failedInARow: 0,
      };
  }
}

export function probed(
  state: AgentHealthState,
  outcome: ProbeOutcome,
  nowMs: number,
): AgentHealthState {
  return outcome.at === "unknown"
    ? { ...state, lastProbeMs: nowMs, unknown: outcome.reason }
    : { ...noted(state, outcome, nowMs), lastProbeMs: nowMs };
}

export function healthOf(state: AgentHealthState, nowMs: number, intervalMs: number): AgentState {
  if (limitedUntil(state, nowMs) !== undefined) {
    return "limited";
  }
  if (state.last.at === "failed") {
    return "dead";
  }
  const unseenMs = state.lastGoodMs === undefined ? undefined : nowMs - state.lastGoodMs;
  if (unseenMs === undefined) {
    return "cold";
  }
  if (unseenMs < WARM_MS) {
    return "warm";
  }
  return unseenMs < HEALTHY_INTERVALS * intervalMs ? "healthy" : "cold";
}

/** When its usage limit is reset (Unix ms), while that is still to come. */
export function limitedUntil({ limit }: AgentHealthState, nowMs: number): number | undefined {
  return limit.at === "hit" && nowMs < limit.untilMs ? limit.untilMs : undefined;
}

/** Why it is not well, or why nothing is known of it. */
export function reasonOf(state: AgentHealthState, nowMs: number): string | undefined {
  if (state.limit.at === "hit" && limitedUntil(state, nowMs) !== undefined) {
    return state.limit.reason;
  }
  return state.last.at === "failed" ? state.last.reason : state.unknown;
}

/**
 * When it is to be probed next (Unix ms): an interval after anything was last heard of it, so that an agent that works
 * is not started for a probe; a dead one sooner, at first after 30 s, then ever later. 0 where nothing was tried yet.
 */
export function probeDueMs(state: AgentHealthState, intervalMs: number): number {
  const { last, lastGoodMs = 0, lastProbeMs = 0 } = state;
  if (last.at === "failed") {
    const retryMs = FIRST_RETRY_MS * 2 ** Math.min(state.failedInARow - 1, 20);
    return last.atMs + Math.min(retryMs, intervalMs);
  }
  const heardMs = Math.max(lastGoodMs, lastProbeMs);
  return heardMs === 0 ? 0 : heardMs + intervalMs;
}

/** In this order agents are tried; within a rank in the order of their list. */
const RANKS: Readonly<Record<AgentState, number>> = {
  warm: 0,
  healthy: 0,
  cold: 1,
  dead: 2,
  limited: 3,
};

/** The same agents, those that seem to work first. */
export function rankAgents(
  preferred: readonly string[],
  stateOf: (agent: string) => AgentState,
): readonly string[] {
  return preferred
    .map((agent) => ({ agent, rank: RANKS[stateOf(agent)] }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ agent }) => agent);
}

function withoutUnknown({ unknown: _, ...state }: AgentHealthState): AgentHealthState {
  return state;
}
