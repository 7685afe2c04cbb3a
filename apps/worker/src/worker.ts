import { hostname } from "node:os";
import { canContain, findContainment, watchOwnedTrees } from "@pilotlight/agents";
import {
  type Lease,
  type LiveWorker,
  type OwnedChannel,
  openWorkerStore,
  type Timers,
  type WorkerStore,
} from "@pilotlight/channels";
import { ConfigError, type PilotlightConfig } from "@pilotlight/contracts";
import { type Logger, monotonicMs, type Service, tellParent } from "@pilotlight/lifecycle";
import { watchAgents } from "./agent-health/watch-agents.ts";
import { type ChannelOwner, createChannelOwner } from "./channel-owner.ts";
import { processPlace } from "./process-place.ts";
import { beyondBudget, hasMemoryForOneMore, leastValuableFirst } from "./room.ts";
import { sampleFigures } from "./sample-figures.ts";
import { removeLeftPlaces } from "./standby/remove-left-places.ts";
import { createStandbyPool } from "./standby/standby-pool.ts";
import { runPrecheck } from "./timers/run-precheck.ts";
import { newWorkerId } from "./worker-id.ts";

export interface WorkerOptions {
  readonly config: PilotlightConfig;
  readonly log: Logger;
  /** This incarnation must not act any more: its leases are lost. The process has to end. */
  onLost(reason: "expired" | "refused"): void;
}

/** How often a worker looks although no bell rang (ms). */
const TICK_MS = 500;
const FIGURES_EVERY_MS = 10_000;
const CHECK_EVERY_MS = 300_000;
const SWEEP_EVERY_MS = 60_000;

/** Owns channels and runs their agents: claims what waits, wakes owners, makes room. */
export function createWorker(options: WorkerOptions): Service {
  const { config, log } = options;
  const id = newWorkerId();
  const owners = new Map<string, ChannelOwner>();
  const timers: NodeJS.Timeout[] = [];
  let store: WorkerStore | undefined;
  let schedules: Timers | undefined;
  let draining = false;
  let ticking = false;
  let tickAgain = false;
  /** The life of the Redis that answered last. */
  let runId: string | undefined;
  /** Claims that wait for the end of our own earlier session. */
  const adoptions = new Map<string, OwnedChannel>();
  const disowned = new WeakSet<ChannelOwner>();
  /** What was shown last, without its agents. */
  let figures: LiveWorker | undefined;
  const agentOwner = process.env.PILOTLIGHT_AGENT_OWNER;
  const agentHealth = watchAgents({
    config,
    log,
    agentOwner,
    onChange: showChange,
  });

  /** Channels that nobody had a place for when we looked last. */
  let waiting = 0;
  /** All agents together take more memory than they may: nothing more is claimed. */
  let overBudget = false;
  const standby = createStandbyPool({
    config,
    worker: id,
    ...(agentOwner === undefined ? {} : { agentOwner }),
    health: agentHealth,
    log,
    occupied: () => owners.size,
    onChange: showChange,
    busy: () => overBudget || [...owners.values()].some(({ hurried }) => hurried),
  });

  function tick(): void {
    if (ticking) {
      tickAgain = true;
      return;
    }
    ticking = true;
    void (async () => {
      do {
        tickAgain = false;
        await lookAround();
      } while (tickAgain);
      ticking = false;
    })();
  }

  async function lookAround(): Promise<void> {
    if (store === undefined) {
      return;
    }
    try {
      const free = draining || overBudget ? 0 : config.workers.maxSessions - placesTaken();
      const outcome = await store.tick(Math.max(0, free));
      if (outcome.at === "dead") {
        options.onLost("refused");
        return;
      }
      agentHealth.answer(outcome.probes);
      schedules
        ?.takeOver(outcome.overdue, outcome.left)
        .catch((error: unknown) => log.debug({ err: error }, "a due time is left to others"));
      for (const owned of outcome.claimed) {
        adopt(owned);
      }
      if (outcome.dead.length > 0) {
        // What they owned is assigned, and the bell of that has us look again.
        await store.pruneDead();
      }
      const unknown = outcome.woken.filter(
        (channel) => !owners.has(channel) && !adoptions.has(channel),
      );
      for (const channel of outcome.woken) {
        owners.get(channel)?.wake();
      }
      if (unknown.length > 0 || (runId !== undefined && runId !== outcome.runId)) {
        await store.verifyLeases();
      }
      if (runId !== outcome.runId && outcome.claimsWaitMs > 0) {
        log.info(
          { waitMs: outcome.claimsWaitMs },
          "Redis is another run; claims wait for old leases",
        );
      }
      runId = outcome.runId;
      waiting = outcome.unassigned;
      if (waiting > 0 && outcome.claimsWaitMs === 0 && !draining) {
        makeRoom(waiting);
      } else if (!draining) {
        standby.refill();
      }
    } catch (error) {
      log.debug({ err: error }, "could not look around");
    }
  }

  /** Redis forgot these leases (a failover that lost writes), or gave them to another: what runs under them ends. */
  async function disown(leases: readonly Lease[]): Promise<void> {
    const gone = leases.flatMap(({ channel, fence }) => {
      if (adoptions.get(channel)?.fence === fence) {
        adoptions.delete(channel);
      }
      const owner = owners.get(channel);
      return owner?.fence === fence ? [owner] : [];
    });
    const told = gone.filter((owner) => !disowned.has(owner));
    for (const owner of told) {
      disowned.add(owner);
    }
    if (told.length > 0) {
      log.warn(
        { channels: told.map(({ channel }) => channel) },
        "Redis does not know these leases",
      );
    }
    await Promise.all(gone.map((owner) => owner.abandon()));
  }

  /** Claimed again while what ran under our earlier lease still ends: two processes never share a session. */
  function adopt(owned: OwnedChannel): void {
    const before = owners.get(owned.channel);
    if (before === undefined) {
      adoptions.delete(owned.channel);
      own(owned);
      return;
    }
    adoptions.set(owned.channel, owned);
    before
      .abandon()
      .then(() => {
        if (adoptions.get(owned.channel) === owned) {
          adopt(owned);
        }
      })
      .catch((error: unknown) =>
        log.error({ channel: owned.channel, err: error }, "an abandoned session did not end"),
      );
  }

  function own(owned: OwnedChannel): void {
    const owner = createChannelOwner({
      owned,
      config,
      health: agentHealth,
      standby,
      log,
      ...(agentOwner === undefined ? {} : { agentOwner }),
      trusted: () => store?.lease.trusted() ?? false,
      onAheadFailed: ({ name, dueMs }) => {
        schedules
          ?.retryWarm(name, dueMs)
          .catch((error: unknown) => log.debug({ err: error }, "no further try to open ahead"));
      },
      onRoom: () => {
        if (waiting > 0) {
          tick();
        }
      },
      onGone: () => {
        if (owners.get(owned.channel) === owner) {
          owners.delete(owned.channel);
        }
        tick();
      },
    });
    owners.set(owned.channel, owner);
    owner.wake();
  }

  /** Full, and somebody waits: the least valuable idle sessions make room, a busy one never. */
  function makeRoom(needed: number): void {
    // A place whose session is being closed is as good as free: nobody else has to go for it.
    const coming = config.workers.maxSessions - owners.size + closing();
    const missing = Math.max(0, needed - coming);
    for (const { owner } of leastValuableFirst(candidates()).slice(0, missing)) {
      owner.evict();
    }
  }

  function closing(): number {
    return [...owners.values()].filter(({ isClosing }) => isClosing).length;
  }

  /** One session may open while another one is being closed, where the memory for both is there. */
  function placesTaken(): number {
    const mayOverlap =
      figures !== undefined && hasMemoryForOneMore(figures, config.workers.memoryBudgetBytes);
    return owners.size - (mayOverlap ? Math.min(1, closing()) : 0);
  }

  function candidates() {
    return [...owners.values()].map((owner) => ({
      owner,
      priority: owner.priority,
      idleSince: owner.idleSince(),
      isDue: owner.isDue,
    }));
  }

  /** Sessions that grew too large are closed between two turns, and idle ones where all together are too large. */
  function relieve({ sessionRssBytes, standbyRssBytes = 0 }: LiveWorker): void {
    const { memoryBudgetBytes, sessionMemoryBytes } = config.workers;
    for (const [channel, bytes] of Object.entries(sessionRssBytes)) {
      if (bytes > sessionMemoryBytes) {
        owners
          .get(channel)
          ?.recycle(`its processes take ${bytes} bytes, ${sessionMemoryBytes} are allowed`);
      }
    }
    if (memoryBudgetBytes === undefined) {
      return;
    }
    const totalBytes = Object.values(sessionRssBytes).reduce((a, b) => a + b, standbyRssBytes);
    overBudget = totalBytes > memoryBudgetBytes;
    const measured = candidates().map((candidate) => ({
      ...candidate,
      rssBytes: sessionRssBytes[candidate.owner.channel] ?? 0,
    }));
    for (const { owner } of beyondBudget(measured, totalBytes, memoryBudgetBytes)) {
      log.info({ channel: owner.channel }, "the session is closed: the memory budget is spent");
      owner.evict();
    }
  }

  /** An idle agent that was stopped, by whomever, would not answer the next prompt. */
  function checkSessions(): void {
    for (const owner of owners.values()) {
      if (owner.idleSince() !== undefined && owner.session()?.responsive() === false) {
        owner.recycle("its agent's process does not run");
      }
    }
  }

  function every(ms: number, action: () => Promise<void> | void): void {
    timers.push(
      setInterval(() => {
        Promise.resolve(action()).catch((error: unknown) =>
          log.debug({ err: error }, "periodic work failed"),
        );
      }, ms),
    );
  }

  async function sweep(): Promise<void> {
    await store?.trimIndexes();
    const made = await store?.repair();
    if (made !== undefined && made > 0) {
      log.warn({ jobs: made }, "open prompts had no job in their queue; it was made again");
    }
  }

  async function showFigures(): Promise<void> {
    figures = await sampleFigures(owners, standby, draining ? "draining" : "running");
    relieve(figures);
    await store?.showWorker({ ...figures, agents: agentHealth.views() });
  }

  /** At once, without measuring everything else again. */
  function showChange(): void {
    if (figures !== undefined) {
      store
        ?.showWorker({ ...figures, standby: standby.figures(), agents: agentHealth.views() })
        .catch((error: unknown) => log.debug({ err: error }, "could not show the figures"));
    }
  }

  /** What was asked for by name has to be there: degrading is for `auto`. */
  async function checkContainment(): Promise<void> {
    const { containment } = config.workers;
    if (containment === "auto") {
      log.info({ containment: await findContainment() }, "agents are contained");
    } else if (containment !== "none" && !(await canContain(containment))) {
      throw new ConfigError([
        `workers.containment: "${containment}" does not work on this machine; "auto" takes what does`,
      ]);
    }
  }

  return {
    async start() {
      await checkContainment();
      const { url } = config.redis;
      if (url === undefined) {
        throw new ConfigError(["redis.url: a worker needs the address of a Redis (REDIS_URL)"]);
      }
      store = await openWorkerStore({
        url,
        worker: id,
        leaseTtlMs: config.workers.leaseTtlMs,
        description: {
          host: hostname(),
          pid: process.pid,
          maxSessions: config.workers.maxSessions,
          startedAt: Date.now(),
          ...processPlace(process.pid),
          ...(agentOwner === undefined ? {} : { agentOwner }),
        },
        eventsPerChannel: config.limits.eventsPerChannel,
        retentionMs: config.retentionMs,
        minReplicas: config.redis.minReplicas,
        log,
        onLost: options.onLost,
        // The warden compares it with its own clock, which has the same beginning only in this form.
        onTrusted: (untilMs) =>
          tellParent({ type: "trusted", untilMs: untilMs + monotonicMs() - performance.now() }),
        onBell: (channel, promptId) => owners.get(channel)?.wake(promptId),
        onAnswerBell: (channel) => owners.get(channel)?.answered(),
        onAssignBell: tick,
        held: () => [...owners.values(), ...adoptions.values()],
        onDisowned: disown,
      });
      await store.start();
      tellParent({ type: "registered", worker: id });
      await store.pruneDead();
      every(TICK_MS, tick);
      every(FIGURES_EVERY_MS, showFigures);
      every(SWEEP_EVERY_MS, sweep);
      every(CHECK_EVERY_MS, checkSessions);
      await removeLeftPlaces(config.dataDir, store.knownWorkers);
      await showFigures();
      tick();
      schedules = await store.openTimers({
        name: id,
        limits: { ...config.limits, retentionMs: config.retentionMs },
        defaultAgent: config.defaultAgent,
        preWarmMs: config.preWarmMs,
        log,
        precheck: (name, signal) => runPrecheck(config, agentOwner, name, signal),
      });
      log.info({ worker: id }, "worker ready");
      agentHealth.start();
    },

    async drain() {
      draining = true;
      await showFigures().catch(() => undefined);
      await Promise.all([
        schedules?.drain(),
        agentHealth.stop(),
        standby.stop(),
        ...[...owners.values()].map((owner) => owner.drain()),
      ]);
    },

    async stop() {
      draining = true;
      for (const timer of timers.splice(0)) {
        clearInterval(timer);
      }
      const abandoned = Promise.all([
        agentHealth.stop(),
        standby.stop(),
        ...[...owners.values()].map((owner) => owner.abandon()),
      ]);
      if (agentOwner !== undefined) {
        // All at once: each session by itself looks at the whole machine, which takes seconds where there are many.
        await watchOwnedTrees(agentOwner).kill();
      }
      await abandoned;
      await schedules?.stop();
      await store?.stop();
      store = undefined;
    },
  };
}
