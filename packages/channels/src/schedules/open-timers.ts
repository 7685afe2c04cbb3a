import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@pilotlight/lifecycle";
import { connectRedis, defineScripts, type Redis, whenReady } from "@pilotlight/redis";
import { Worker } from "bullmq";
import { keys, QUEUE_PREFIX } from "../keys.ts";
import type { EnqueueLimits } from "../prompts/enqueue-prompt.ts";
import { openQueueBackend, type QueueBackend } from "../queue/queue-backend.ts";
import { scripts } from "../scripts.ts";
import { completeLeft, fire, prepareFiring } from "./fire-schedule.ts";
import { joinQueue, warmForPrompt } from "./join-queue.ts";
import { readSchedule } from "./read-schedules.ts";
import { CLOCK_ASKED_EVERY_MS, createRedisClock } from "./redis-clock.ts";
import type { ScheduleContext } from "./schedule-context.ts";
import type { ScheduleRecord } from "./schedule-record.ts";
import { MOST_SPREAD_MS, spreadMs } from "./spread-ms.ts";
import { sweepTimers } from "./sweep-timers.ts";
import { addTimerJobs, TIMERS_QUEUE, type TimerJob, type WarmJob } from "./timer-jobs.ts";
import { warmAhead } from "./warm-ahead.ts";

export interface OpenTimersOptions {
  readonly url: string;
  /** A connection of the caller's that may be shared; else there is an own one. */
  readonly shared?: { readonly redis: Redis; readonly base: QueueBackend };
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  readonly limits: EnqueueLimits;
  readonly defaultAgent: string;
  readonly preWarmMs: number;
  readonly log: Logger;
  /** Whether a schedule's agent is to be woken: undefined, or why not. Bounded in time; rejects where the signal ends it. */
  precheck(name: string, signal: AbortSignal): Promise<string | undefined>;
}

/** This process' part in the shared queue of timers. */
export interface Timers {
  /** The session for this due time of a schedule, or of a delayed prompt, could not be opened: tried again while there is time. */
  retryWarm(name: string, dueMs: number): Promise<void>;
  /** What a worker was told when it looked around: schedules that nobody has seen to, due times that were left half way. */
  takeOver(overdue: readonly string[], left: readonly string[]): Promise<void>;
  /** Takes nothing new; resolves when what is under way has ended, which takes six seconds at most, and a precheck. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

const CONNECT_WAIT_MS = 10_000;
/** Longer than a precheck may take. */
const PRECHECK_TOLD_MS = 60_000;
/** Each job waits for its moment: as many as can be due at one instant. */
const CONCURRENCY = 2000;
/** A job of a dead process is taken up after both of them. */
const LOCK_MS = 5000;
const STALLED_CHECK_MS = 12_000;
/** Dead processes make no due time a failed one. */
const MOST_STALLED = 1000;
const SWEEP_EVERY_MS = 120_000;
/** Shorter than what a connection may owe an answer (15 s), or it would be given up each time. */
const LISTENS_FOR_SECS = 13;
/** How far ahead of its moment a due time may be in hand. */
const LONGEST_IN_DRAIN_MS = 6000;
const RETRY_WARM_AFTER_MS = 3000;
/** A schedule that others change all the time is left to its next look. */
const MOST_TRIES = 10;

/**
 * Works on the shared queue of timers: each due time is waited for by one of all processes that do, and taken over by
 * another where that one dies.
 *
 * @throws when Redis cannot be reached within 10 s; later interruptions are survived.
 */
export async function openTimers(options: OpenTimersOptions): Promise<Timers> {
  const { url, name, log } = options;
  const { redis, base } = options.shared ?? (await connect(url, `${name}:timers`, log));
  const { limits, defaultAgent, preWarmMs } = options;
  const context: ScheduleContext = { redis, base, limits, defaultAgent, preWarmMs };
  const clock = createRedisClock(redis);
  const stopping = new AbortController();
  const draining = new AbortController();
  /** Due times that are being seen to here. */
  const inHand = new Map<string, Promise<void>>();

  /** False where we end first. Only a job that a wrong clock brought much too early waits longer than a drain may. */
  async function waitFor(atMs: number): Promise<boolean> {
    const isLong = atMs - (await clock.now()) > LONGEST_IN_DRAIN_MS;
    const { signal } = isLong ? draining : stopping;
    await clock.until(atMs, signal);
    return !signal.aborted;
  }

  /** Its job and the sweep may both come for a due time: its precheck runs once. */
  async function seeTo(schedule: string, dueMs: number): Promise<void> {
    const name = `${schedule}@${dueMs}`;
    const seeing = inHand.get(name) ?? seeToDue(schedule, dueMs);
    inHand.set(name, seeing);
    await seeing.finally(() => inHand.delete(name));
  }

  async function seeToDue(schedule: string, dueMs: number): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES && !stopping.signal.aborted; tries += 1) {
      const record = await readSchedule(redis, schedule);
      if (record?.nextMs === undefined || record.nextMs > dueMs) {
        return;
      }
      const objection = await objectionTo(record);
      // Made ready for the moment itself, where that is still to come.
      const nowMs = Math.max(await clock.now(), record.nextMs);
      const prepared = prepareFiring(record, nowMs, objection);
      if (!(await waitFor(record.nextMs)) || prepared === undefined) {
        return;
      }
      const outcome = await fire(context, prepared);
      if (outcome.at === "done") {
        return;
      }
      if (outcome.at === "early") {
        // By more than a moment, and the clock of Redis was set back: what is known of it is asked anew.
        await sleep(Math.min(Math.ceil(outcome.leftMs), CLOCK_ASKED_EVERY_MS), undefined, {
          signal: stopping.signal,
        }).catch(() => undefined);
      }
    }
  }

  /** What its precheck says against waking the agent, where something would fire. */
  async function objectionTo(record: ScheduleRecord): Promise<string | undefined> {
    const { precheck } = record.definition;
    const nowMs = Math.max(await clock.now(), record.nextMs ?? 0);
    const fires = prepareFiring(record, nowMs)?.plan.due.some(({ at }) => at === "fire");
    if (precheck === undefined || fires !== true) {
      return undefined;
    }
    await redis.set(keys.dueTold(record.id), "1", "PX", PRECHECK_TOLD_MS);
    const objection = await options.precheck(precheck, stopping.signal);
    await redis.del(keys.dueTold(record.id));
    return objection;
  }

  /** Its place among those that are due together is found first, as a job of its own. */
  async function warm({ schedule, dueMs, atMs, exact }: WarmJob): Promise<void> {
    if (!(await waitFor(exact === true ? atMs : atMs - MOST_SPREAD_MS))) {
      return;
    }
    if (exact === true) {
      await warmAhead(context, schedule, dueMs);
      return;
    }
    const openMs = atMs - (await spreadMs(redis, schedule, dueMs, await clock.now()));
    const job = { kind: "warm", schedule, dueMs, atMs: openMs, exact: true } as const;
    await addTimerJobs(base, [{ job, atMs: openMs }]);
  }

  async function work(job: TimerJob): Promise<void> {
    switch (job.kind) {
      case "fire":
        await seeTo(job.schedule, job.dueMs);
        break;
      case "warm":
        await warm(job);
        break;
      case "ready":
        if (await waitFor(job.atMs)) {
          await warmForPrompt(context, job.promptId, job.dueMs);
        }
        break;
      case "join":
        if (await waitFor(job.dueMs)) {
          await joinQueue(context, job.promptId);
        }
    }
  }

  const worker = new Worker(TIMERS_QUEUE, async (job) => await work(job.data as TimerJob), {
    // What waits for jobs owes answers for longer than the caller's connection may.
    connection: withDuplicate(redis, () => connectRedis({ url, name: `${name}:due`, log })),
    prefix: QUEUE_PREFIX,
    concurrency: CONCURRENCY,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MOST_STALLED,
    runRetryDelay: 500,
    // How long it listens in one go: a timer that is added, or due, ends that.
    drainDelay: LISTENS_FOR_SECS,
    skipVersionCheck: true,
  } as ConstructorParameters<typeof Worker>[2]);
  worker.on("error", (error) => log.debug({ err: error }, "timers"));
  worker.on("failed", (job, error) =>
    log.warn({ job: job?.id, err: error }, "a timer could not be seen to; it is swept up"),
  );
  const sweep = async () => {
    try {
      const overdue = await sweepTimers(context, await clock.now());
      await Promise.all(overdue.map(({ schedule, dueMs }) => seeTo(schedule, dueMs)));
    } catch (error) {
      log.debug({ err: error }, "timers could not be swept");
    }
  };
  const timer = setInterval(sweep, SWEEP_EVERY_MS);
  void sweep();

  return {
    async retryWarm(name, dueMs) {
      const atMs = Date.now() + RETRY_WARM_AFTER_MS;
      if (atMs >= dueMs) {
        return;
      }
      const ofSchedule = (await readSchedule(redis, name)) !== undefined;
      const job: TimerJob = ofSchedule
        ? { kind: "warm", schedule: name, dueMs, atMs, exact: true }
        : { kind: "ready", promptId: name, dueMs, atMs };
      await addTimerJobs(base, [{ job, atMs }]);
    },
    async takeOver(overdue, left) {
      await Promise.all([
        ...overdue.map(async (id) => {
          const dueMs = (await readSchedule(redis, id))?.nextMs;
          if (dueMs !== undefined) {
            await seeTo(id, dueMs);
          }
          await redis.del(keys.dueTold(id));
        }),
        ...left.map((one) => completeLeft(context, one)),
      ]);
    },
    async drain() {
      clearInterval(timer);
      draining.abort();
      await worker.close();
    },
    async stop() {
      clearInterval(timer);
      draining.abort();
      stopping.abort();
      await worker.close(true).catch(() => undefined);
      if (options.shared === undefined) {
        redis.disconnect();
      }
    },
  };
}

async function connect(
  url: string,
  name: string,
  log: Logger,
): Promise<{ redis: Redis; base: QueueBackend }> {
  const redis = connectRedis({ url, name, log });
  await whenReady(redis, CONNECT_WAIT_MS).catch((error: unknown) => {
    redis.disconnect();
    throw error;
  });
  const base = await openQueueBackend(redis, (error) => log.debug({ err: error }, "timers"));
  await defineScripts(redis, scripts);
  return { redis, base };
}

/** The client as BullMQ is to see it: the connection that waits for jobs is made by us, with times of its own. */
function withDuplicate(redis: Redis, duplicate: () => Redis): Redis {
  return new Proxy(redis, {
    get(target, property) {
      if (property === "duplicate") {
        return duplicate;
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}
