import { type Logger, withDeadline } from "@pilotlight/lifecycle";
import { connectRedis, defineScripts, type Redis, whenReady, whenUsable } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import {
  LIVE_WORKER_FIELD,
  type LiveWorker,
  type WorkerDescription,
} from "../live/live-session.ts";
import { openQueueBackend } from "../queue/queue-backend.ts";
import { openReplicaGuard } from "../replica-guard.ts";
import { type OpenTimersOptions, openTimers, type Timers } from "../schedules/open-timers.ts";
import { runScript, scripts } from "../scripts.ts";
import { type OwnedChannel, ownChannel } from "./owned-channel.ts";
import { repairPrompts } from "./repair-prompts.ts";
import { createWorkerLease, type WorkerLease } from "./worker-lease.ts";

export interface WorkerStoreOptions {
  readonly url: string;
  /** New at every start. */
  readonly worker: string;
  readonly leaseTtlMs: number;
  readonly description: Omit<WorkerDescription, "leaseTtlMs">;
  readonly eventsPerChannel: number;
  readonly retentionMs: number;
  /** How many replicas must have a dispatch, or a grant, before the agent hears of it; default 0. */
  readonly minReplicas?: number;
  readonly log: Logger;
  onLost(reason: "expired" | "refused"): void;
  onTrusted?(untilMs: number): void;
  /** A channel of ours has something to do: `promptId` where a prompt came. May be lost; `tick` finds it too. */
  onBell(channel: string, promptId: string | undefined): void;
  /** Somebody answered what an agent of ours asks. May be lost; `tick` finds it too. */
  onAnswerBell?(channel: string, questionId: string): void;
  /** A channel somewhere waits for an owner. */
  onAssignBell(): void;
  /** The leases that the worker believes to hold. */
  held(): Iterable<Lease>;
  /** Redis does not know these leases (any more). Resolves when what ran under them has ended. */
  onDisowned(leases: readonly Lease[]): Promise<void>;
}

export interface Lease {
  readonly channel: string;
  readonly fence: string;
}

export type TickOutcome =
  | { readonly at: "dead" }
  | {
      readonly at: "ok";
      readonly woken: readonly string[];
      readonly claimed: readonly OwnedChannel[];
      /** Channels that still wait for an owner. */
      readonly unassigned: number;
      /** The life of the Redis that answered; another one after a restart or a failover. */
      readonly runId: string;
      /** Until when nobody claims, for what this Redis may have forgotten. 0: claims are made. */
      readonly claimsWaitMs: number;
      /** Incarnations whose leases have ended: to be pruned. */
      readonly dead: readonly string[];
      /** Agents that somebody wishes to be probed now; told again for a while, under the same name of the wish. */
      readonly probes: readonly { readonly agent: string; readonly asked: number }[];
      /** For the timers: schedules that nobody has seen to in time, and due times that were begun and left. */
      readonly overdue: readonly string[];
      readonly left: readonly string[];
    };

/** A worker's side of Redis, over three connections: commands, lease renewal, bells; timers listen on a fourth. */
export interface WorkerStore {
  readonly lease: WorkerLease;
  /** Registers the incarnation and listens to its bells. @throws StoreUnavailableError where Redis takes no registration. */
  start(): Promise<void>;
  tick(freePlaces: number): Promise<TickOutcome>;
  /** Re-reads all leases: tells `onDisowned` what is lost, and gives up what Redis holds for us without our knowing. */
  verifyLeases(): Promise<void>;
  /** Incarnations that are registered, dead ones that nobody pruned yet included. */
  knownWorkers(): Promise<readonly string[]>;
  showWorker(figures: LiveWorker): Promise<void>;
  /** Removes incarnations whose key is gone; their channels go to whoever is free. */
  pruneDead(): Promise<void>;
  trimIndexes(): Promise<void>;
  /** The sweep over open prompts, once a minute among all workers; how many jobs it had to make again. */
  repair(): Promise<number>;
  /** This worker's part in the schedules, over its own connection and one more that listens. */
  openTimers(options: Omit<OpenTimersOptions, "url" | "shared">): Promise<Timers>;
  /** Deregisters (what is still owned is given up) and disconnects. */
  stop(): Promise<void>;
}

/** Renewed with every call of `showWorker`, which comes every few seconds. */
const LIVE_TTL_MS = 60_000;
const PRUNED_PER_CALL = 200;
const TRIMMED_PER_CALL = 500;
const VERIFY_ROUNDS = 3;
const DEREGISTER_WAIT_MS = 3000;

/** @throws RedisUnreachableError where Redis cannot be reached within 10 s, ConfigError where it must not be used. */
export async function openWorkerStore(options: WorkerStoreOptions): Promise<WorkerStore> {
  const { url, worker, log } = options;
  const { leaseMs, commandsMs, bellsMs } = answerTimes(options.leaseTtlMs);
  const connections = {
    commands: connectRedis({ url, name: `${worker}:commands`, log, answerWithinMs: commandsMs }),
    renewals: connectRedis({ url, name: `${worker}:lease`, log, answerWithinMs: leaseMs }),
    bells: connectRedis({
      url,
      name: `${worker}:bells`,
      log,
      answerWithinMs: bellsMs,
      // Without its bells a worker still looks around: no need to hurry.
      probeEveryMs: options.leaseTtlMs / 2,
    }),
  };
  const { commands, renewals, bells } = connections;
  const { minReplicas = 0 } = options;
  const replicas = openReplicaGuard({ url, name: `${worker}:replicas`, log, minReplicas });
  await Promise.all([
    whenUsable(commands, CONNECT_WAIT_MS, log),
    whenReady(renewals, CONNECT_WAIT_MS),
    whenReady(bells, CONNECT_WAIT_MS),
  ]);
  const base = await openQueueBackend(commands, (error) =>
    log.debug({ err: error }, "queue backend error"),
  );
  await Promise.all([defineScripts(commands, scripts), defineScripts(renewals, scripts)]);

  /** Again after something was lost: only then does Redis know that nothing is held any more that it does not know. */
  async function verify(redis: Redis, letGo: boolean): Promise<void> {
    for (let round = 0; round < VERIFY_ROUNDS; round += 1) {
      const held = [...options.held()];
      const [at, lost] = await runScript<[string, string[]]>(redis, "verify-leases", [
        worker,
        letGo ? "1" : "",
        ...held.flatMap(({ channel, fence }) => [channel, fence]),
      ]);
      if (at === "dead" || lost.length === 0) {
        return;
      }
      await options.onDisowned(held.filter(({ channel }) => lost.includes(channel)));
    }
    throw new Error("leases that Redis does not know are still held");
  }

  const lease = createWorkerLease({
    redis: renewals,
    worker,
    ttlMs: options.leaseTtlMs,
    description: JSON.stringify({
      ...options.description,
      leaseTtlMs: options.leaseTtlMs,
    } satisfies WorkerDescription),
    // A claim may be on its way to us over the other connection: nothing is let go from here.
    verify: () => verify(renewals, false),
    onLost: (reason) => options.onLost(reason),
    ...(options.onTrusted === undefined ? {} : { onTrusted: options.onTrusted }),
  });

  function own(channel: string, fence: string): OwnedChannel {
    return ownChannel({
      redis: commands,
      base,
      worker,
      channel,
      fence,
      eventsPerChannel: options.eventsPerChannel,
      retentionMs: options.retentionMs,
      trusted: lease.trusted,
      confirmReplicas: replicas.confirm,
    });
  }

  async function prune(id: string, word: "expired" | "leaving"): Promise<void> {
    for (;;) {
      const [outcome] = await runScript<string[]>(commands, "prune-worker", [
        id,
        word,
        PRUNED_PER_CALL,
      ]);
      if (outcome !== "more") {
        return;
      }
    }
  }

  return {
    lease,

    async start() {
      bells.on("message", (key: string, message: string) => {
        if (key === keys.assignBell) {
          options.onAssignBell();
        } else {
          const [channel = "", id] = message.slice(1).split("\n");
          if (message.startsWith("a") && id !== undefined && options.onAnswerBell !== undefined) {
            options.onAnswerBell(channel, id);
          } else {
            options.onBell(channel, message.startsWith("p") ? id : undefined);
          }
        }
      });
      await lease.register();
      await bells.subscribe(keys.bell(worker), keys.assignBell);
    },

    async tick(freePlaces) {
      const [at, woken, claimed, unassigned, runId, claimsWaitMs, dead, wishes, overdue, left] =
        await runScript<
          [
            string,
            string[],
            string[],
            number,
            string,
            number,
            string[],
            string[],
            string[],
            string[],
          ]
        >(commands, "tick", [worker, freePlaces]);
      if (at === "dead") {
        return { at: "dead" };
      }
      const channels: OwnedChannel[] = [];
      for (let i = 0; i + 1 < claimed.length; i += 2) {
        channels.push(own(claimed[i] as string, claimed[i + 1] as string));
      }
      const probes: { agent: string; asked: number }[] = [];
      for (let i = 0; i + 1 < wishes.length; i += 2) {
        probes.push({ agent: wishes[i] as string, asked: Number(wishes[i + 1]) });
      }
      return {
        at: "ok",
        woken,
        claimed: channels,
        unassigned,
        runId,
        claimsWaitMs,
        dead,
        probes,
        overdue,
        left,
      };
    },

    verifyLeases: () => verify(commands, true),

    knownWorkers: () => commands.hkeys(keys.workers),

    async showWorker(figures) {
      const text = JSON.stringify(figures);
      await runScript(commands, "show-worker", [worker, LIVE_WORKER_FIELD, text, LIVE_TTL_MS]);
    },

    async pruneDead() {
      for (const id of await commands.hkeys(keys.workers)) {
        if (id !== worker) {
          await prune(id, "expired");
        }
      }
    },

    async trimIndexes() {
      for (;;) {
        const dropped = await runScript<number>(commands, "trim-indexes", [
          TRIMMED_PER_CALL,
          options.eventsPerChannel,
        ]);
        if (dropped < TRIMMED_PER_CALL) {
          return;
        }
      }
    },

    openTimers: (timers) => openTimers({ ...timers, url, shared: { redis: commands, base } }),

    repair: () => repairPrompts(commands, base),

    async stop() {
      lease.stop();
      if (commands.status === "ready") {
        // What is not given up now is pruned when the key has expired.
        await withDeadline(
          prune(worker, "leaving"),
          DEREGISTER_WAIT_MS,
          () => new Error("Redis did not answer"),
        ).catch((error: unknown) => log.debug({ err: error }, "could not deregister"));
      }
      replicas.close();
      disconnectAll(Object.values(connections));
    },
  };
}

const CONNECT_WAIT_MS = 10_000;

/** Whoever must answer within a fraction of the TTL still can. Shorter ones would fail on a busy machine. */
const SHORTEST_ANSWER_MS = 200;

/**
 * How long each connection waits for an answer before a new one is tried: a link that went silent must not cost the
 * worker its trust where a new one would work.
 */
function answerTimes(ttlMs: number): { leaseMs: number; commandsMs: number; bellsMs: number } {
  const atLeast = (ms: number) => Math.max(SHORTEST_ANSWER_MS, ms);
  return {
    leaseMs: atLeast(ttlMs / 6),
    commandsMs: atLeast(ttlMs / 4),
    bellsMs: atLeast(ttlMs / 3),
  };
}

function disconnectAll(clients: readonly Redis[]): void {
  for (const redis of clients) {
    redis.disconnect();
  }
}
