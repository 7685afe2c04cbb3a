import type { SessionView, WorkerView } from "@pilotlight/contracts";
import type { Redis } from "@pilotlight/redis";
import { keys } from "../keys.ts";
import {
  LIVE_WORKER_FIELD,
  type LiveAgent,
  type LiveWorker,
  liveSessionSchema,
  liveWorkerSchema,
  type WorkerDescription,
  workerDescriptionSchema,
} from "./live-session.ts";

/** What one live worker knows of its agents, by their names. */
export interface WorkerHealth {
  readonly worker: string;
  readonly host: string;
  readonly draining: boolean;
  readonly agents: Readonly<Record<string, LiveAgent>>;
}

interface LivePicture {
  readonly workers: readonly WorkerView[];
  readonly health: readonly WorkerHealth[];
  readonly sessions: readonly SessionView[];
}

/** All live workers and their sessions: two round trips, and nothing per cold channel. */
export async function readLive(redis: Redis): Promise<LivePicture> {
  const described: [string, string][] = Object.entries(await redis.hgetall(keys.workers));
  const pipeline = redis.pipeline();
  for (const [worker] of described) {
    pipeline.exists(keys.worker(worker));
    pipeline.hgetall(keys.live(worker));
  }
  const replies = (await pipeline.exec()) ?? [];
  const workers: WorkerView[] = [];
  const sessions: SessionView[] = [];
  const health: WorkerHealth[] = [];
  described.forEach(([id, text], index) => {
    const alive = reply<number>(replies[index * 2]) === 1;
    if (!alive) {
      return;
    }
    const fields = reply<Record<string, string>>(replies[index * 2 + 1]);
    const figures = liveWorkerOf(fields[LIVE_WORKER_FIELD]);
    const own = Object.entries(fields)
      .filter(([channel]) => channel !== LIVE_WORKER_FIELD)
      .map(([channel, json]) => sessionView(id, channel, json, figures));
    sessions.push(...own);
    const description: WorkerDescription = workerDescriptionSchema.parse(JSON.parse(text));
    workers.push({
      id,
      host: description.host,
      pid: description.pid,
      state: figures?.state ?? "running",
      sessions: own.length,
      maxSessions: description.maxSessions,
      startedAt: description.startedAt,
      ...(figures === undefined ? {} : { rssBytes: figures.rssBytes }),
      ...(figures?.standby === undefined ? {} : { standby: figures.standby }),
    });
    health.push({
      worker: id,
      host: description.host,
      draining: figures?.state === "draining",
      agents: figures?.agents ?? {},
    });
  });
  return { workers, sessions, health };
}

/** The live session of one channel, by its lease. */
export async function readSession(redis: Redis, channel: string): Promise<SessionView | undefined> {
  const owner = await redis.hget(keys.lease(channel), "o");
  if (owner === null) {
    return undefined;
  }
  const [json, figures] = await redis.hmget(keys.live(owner), channel, LIVE_WORKER_FIELD);
  return json === null || json === undefined
    ? undefined
    : sessionView(owner, channel, json, liveWorkerOf(figures ?? undefined));
}

function liveWorkerOf(json: string | undefined): LiveWorker | undefined {
  return json === undefined ? undefined : liveWorkerSchema.parse(JSON.parse(json));
}

function sessionView(
  worker: string,
  channel: string,
  json: string,
  figures: LiveWorker | undefined,
): SessionView {
  const { idleSince, ...live } = liveSessionSchema.parse(JSON.parse(json));
  const rssBytes = figures?.sessionRssBytes[channel];
  return {
    channel,
    worker,
    ...live,
    idleMs: idleSince === undefined ? 0 : Math.max(0, Date.now() - idleSince),
    ...(rssBytes === undefined ? {} : { rssBytes }),
  } as SessionView;
}

function reply<T>(entry: [Error | null, unknown] | undefined): T {
  if (entry === undefined) {
    throw new Error("a reply is missing");
  }
  if (entry[0] !== null) {
    throw entry[0];
  }
  return entry[1] as T;
}
