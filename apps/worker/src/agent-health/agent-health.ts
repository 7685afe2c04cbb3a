import type { LiveAgent } from "@pilotlight/channels";
import type { AgentConfig, AgentHealthView, AgentState } from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import {
  type AgentEvidence,
  type AgentHealthState,
  healthOf,
  limitedUntil,
  noted,
  type ProbeOutcome,
  probeDueMs,
  probed,
  rankAgents,
  reasonOf,
  UNSEEN,
} from "./agent-health-state.ts";

export interface AgentHealthOptions {
  readonly agents: Readonly<Record<string, AgentConfig>>;
  /** Probed from the start on; others from when a channel prefers them. */
  readonly watched: readonly string[];
  readonly probeEveryMs: number;
  readonly log: Logger;
  /** Rejects where the signal ends it. */
  runProbe(agent: AgentConfig, signal: AbortSignal): Promise<ProbeOutcome>;
  /** An agent came into another state, or a probe is over. */
  onChange(): void;
}

/** What this worker knows of its agents' health: from what its channels tell, and from probes where they tell nothing. */
export interface AgentHealth {
  /** What was just seen of an agent by somebody who used it. */
  note(agent: string, evidence: AgentEvidence): void;
  /** The same agents: warm and healthy ones first as listed, then cold, dead and limited ones. */
  rank(preferred: readonly string[]): readonly string[];
  healthOf(agent: string): AgentState;
  /** When the agent's usage limit is reset (Unix ms), while that is still to come. */
  limitedUntil(agent: string): number | undefined;
  views(): Readonly<Record<string, LiveAgent>>;
  /** Probes now, or again where a probe runs already; those who ask meanwhile share that one. */
  probe(agent: string): Promise<AgentHealthView>;
  /** Probes what is wished for, once for each wish; `views` names the wishes that are answered. */
  answer(wishes: readonly ProbeWish[]): void;
  start(): void;
  /** Ends running probes; resolves when none of their processes is left. */
  stop(): Promise<void>;
}

/** That an agent is probed now; `asked` is its name. */
export interface ProbeWish {
  readonly agent: string;
  readonly asked: number;
}

const FIRST_PROBE_AFTER_MS = 500;
/** Workers that start together do not probe together. */
const FIRST_PROBE_SPREAD_MS = 1500;
const SPREAD = 0.1;
const REASON_CHARS = 500;

interface Watched {
  state: AgentHealthState;
  shown: AgentState;
  since: number;
  /** Unix ms; before that it is not probed for the first time. */
  readonly firstProbeMs: number;
  /** A factor about 1 on the interval, another one after each probe. */
  spread: number;
  running?: Promise<void>;
  next?: Promise<void>;
  asked?: number;
  answered?: number;
}

/** Whoever used the agent meanwhile saw it fail: a probe that began before that knows less. */
function isOutdated(
  { last, failed }: AgentHealthState,
  outcome: ProbeOutcome,
  failedBefore: number,
): boolean {
  return outcome.at === "good" && last.at === "failed" && failed > failedBefore;
}

export function createAgentHealth(options: AgentHealthOptions): AgentHealth {
  const { agents, probeEveryMs, log } = options;
  const watched = new Map<string, Watched>();
  const stopping = new AbortController();
  let started = false;
  let timer: NodeJS.Timeout | undefined;
  let probingDue = false;

  function watch(agent: string): Watched {
    const known = watched.get(agent);
    if (known !== undefined) {
      return known;
    }
    const now = Date.now();
    const entry: Watched = {
      state: UNSEEN,
      shown: "cold",
      since: now,
      firstProbeMs: now + FIRST_PROBE_AFTER_MS + Math.random() * FIRST_PROBE_SPREAD_MS,
      spread: spread(),
    };
    watched.set(agent, entry);
    schedule();
    return entry;
  }

  /** Tells whether it is in another state than before; time alone can do that too. */
  function look(agent: string, entry: Watched): boolean {
    const now = Date.now();
    const next = healthOf(entry.state, now, probeEveryMs);
    if (next === entry.shown) {
      return false;
    }
    const level = next === "dead" || next === "limited" ? "warn" : "info";
    const reason = reasonOf(entry.state, now);
    // What we end ourselves tells nobody anything about an agent.
    log[stopping.signal.aborted ? "debug" : level](
      { agent, before: entry.shown, reason },
      `agent ${agent} is ${next}${reason === undefined ? "" : `: ${reason}`}`,
    );
    entry.shown = next;
    entry.since = now;
    return true;
  }

  function note(agent: string, evidence: AgentEvidence): void {
    const entry = watch(agent);
    entry.state = noted(entry.state, bounded(evidence), Date.now());
    if (look(agent, entry)) {
      options.onChange();
    }
    schedule();
  }

  function view(agent: string, entry: Watched): LiveAgent {
    look(agent, entry);
    const now = Date.now();
    const { state } = entry;
    const reason = reasonOf(state, now);
    const until = limitedUntil(state, now);
    return {
      state: entry.shown,
      since: entry.since,
      good: state.good,
      failed: state.failed,
      ...(state.lastGoodMs === undefined ? {} : { lastGoodAt: state.lastGoodMs }),
      ...(state.lastProbeMs === undefined ? {} : { lastProbeAt: state.lastProbeMs }),
      ...(reason === undefined ? {} : { reason }),
      ...(until === undefined ? {} : { limitedUntil: until }),
      ...(entry.answered === undefined ? {} : { answered: entry.answered }),
    };
  }

  async function runOne(agent: string, entry: Watched): Promise<void> {
    const { asked } = entry;
    const failedBefore = entry.state.failed;
    const outcome = await outcomeOf(agent);
    if (outcome === undefined) {
      return;
    }
    entry.state = isOutdated(entry.state, outcome, failedBefore)
      ? { ...entry.state, lastProbeMs: Date.now() }
      : probed(entry.state, bounded(outcome), Date.now());
    entry.spread = spread();
    if (asked !== undefined) {
      entry.answered = asked;
    }
    look(agent, entry);
    options.onChange();
  }

  /** Undefined where we stop. */
  async function outcomeOf(agent: string): Promise<ProbeOutcome | undefined> {
    const config = Object.hasOwn(agents, agent) ? agents[agent] : undefined;
    if (config === undefined) {
      return { at: "failed", reason: "it is not configured on this worker" };
    }
    try {
      return await options.runProbe(config, stopping.signal);
    } catch (error) {
      if (stopping.signal.aborted) {
        return undefined;
      }
      log.warn({ agent, err: error }, "a probe failed");
      return { at: "failed", reason: error instanceof Error ? error.message : String(error) };
    }
  }

  function begin(agent: string, entry: Watched): Promise<void> {
    const running = runOne(agent, entry).finally(() => {
      if (entry.running === running) {
        delete entry.running;
      }
      schedule();
    });
    entry.running = running;
    return running;
  }

  /** What runs already may have looked before whatever made somebody ask. */
  function probeOnce(agent: string, entry: Watched): Promise<void> {
    if (stopping.signal.aborted) {
      return entry.running ?? Promise.resolve();
    }
    if (entry.running === undefined) {
      return begin(agent, entry);
    }
    entry.next ??= entry.running.then(() => {
      delete entry.next;
      return stopping.signal.aborted ? undefined : begin(agent, entry);
    });
    return entry.next;
  }

  function dueMs(entry: Watched): number {
    const due = probeDueMs(entry.state, probeEveryMs * entry.spread);
    return due === 0 ? entry.firstProbeMs : due;
  }

  function schedule(): void {
    clearTimeout(timer);
    if (!started || stopping.signal.aborted || probingDue || watched.size === 0) {
      return;
    }
    const next = Math.min(...[...watched.values()].map(dueMs));
    timer = setTimeout(() => void probeDue(), Math.max(0, next - Date.now()));
  }

  /** One after another: agents that start all at once would slow down those at work. Never rejects. */
  async function probeDue(): Promise<void> {
    probingDue = true;
    for (const [agent, entry] of [...watched].sort(([, a], [, b]) => dueMs(a) - dueMs(b))) {
      if (dueMs(entry) <= Date.now() && !stopping.signal.aborted) {
        await (entry.running ?? begin(agent, entry));
      }
    }
    probingDue = false;
    schedule();
  }

  return {
    note,
    rank(preferred) {
      for (const agent of preferred) {
        if (Object.hasOwn(agents, agent)) {
          watch(agent);
        }
      }
      return rankAgents(preferred, stateOf);
    },
    healthOf: stateOf,
    limitedUntil(agent) {
      const entry = watched.get(agent);
      return entry === undefined ? undefined : limitedUntil(entry.state, Date.now());
    },
    views: () =>
      Object.fromEntries([...watched].map(([agent, entry]) => [agent, view(agent, entry)])),
    async probe(agent) {
      const entry = watch(agent);
      await probeOnce(agent, entry);
      const { answered: _, ...seen } = view(agent, entry);
      return seen;
    },
    answer(wishes) {
      for (const { agent, asked } of wishes) {
        const entry = watch(agent);
        if (entry.asked !== asked) {
          entry.asked = asked;
          void probeOnce(agent, entry);
        }
      }
    },
    start() {
      started = true;
      for (const agent of options.watched) {
        watch(agent);
      }
      schedule();
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await Promise.all([...watched.values()].map(({ running }) => running));
    },
  };

  function stateOf(agent: string): AgentState {
    const entry = watched.get(agent);
    return entry === undefined ? "cold" : healthOf(entry.state, Date.now(), probeEveryMs);
  }
}

/** An agent may have said anything at any length. */
function bounded<E extends { readonly at: string }>(evidence: E): E {
  return "reason" in evidence && typeof evidence.reason === "string"
    ? { ...evidence, reason: evidence.reason.slice(0, REASON_CHARS) }
    : evidence;
}

function spread(): number {
  return 1 + (Math.random() * 2 - 1) * SPREAD;
}
