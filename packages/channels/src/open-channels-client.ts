import { DEMO_AGENT } from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import {
  connectRedis,
  defineScripts,
  loadScripts,
  type Redis,
  whenReady,
  whenUsable,
} from "@pilotlight/redis";
import { ANSWER_WAIT_MS, callStore } from "./call-store.ts";
import { createCallbackOutbox } from "./callbacks/callback-outbox.ts";
import { encodeSettings } from "./channel/channel-record.ts";
import { listChannels } from "./channel/list-channels.ts";
import { readChannelView } from "./channel/read-channel.ts";
import type { ChannelsClient } from "./channels-client.ts";
import { createEventFeed } from "./events/event-feed.ts";
import { streamEvents } from "./events/stream-events.ts";
import { keys } from "./keys.ts";
import { readLive, readSession } from "./live/read-live.ts";
import { cancelPrompt } from "./prompts/cancel-prompt.ts";
import { decidePrompt } from "./prompts/decide-prompt.ts";
import { type EnqueueLimits, enqueuePrompt } from "./prompts/enqueue-prompt.ts";
import { listPrompts, readPrompt } from "./prompts/read-prompts.ts";
import { createQuestionStore } from "./questions/question-store.ts";
import { createShownQuestions } from "./questions/shown-questions.ts";
import { openQueueBackend } from "./queue/queue-backend.ts";
import { readCounts } from "./read-counts.ts";
import { openReplicaGuard } from "./replica-guard.ts";
import { createScheduleStore } from "./schedules/schedule-store.ts";
import { runScript, scripts } from "./scripts.ts";
import { StoreUnavailableError } from "./store-unavailable-error.ts";

export interface OpenChannelsClientOptions {
  readonly url: string;
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  readonly limits: EnqueueLimits;
  /** How many replicas must have a prompt before it counts as accepted; default 0. */
  readonly minReplicas?: number;
  /** The agent of channels that name none; default `demo`. */
  readonly defaultAgent?: string;
  /** How long before a due time a session is opened where its schedule does not say; default 5 min. */
  readonly preWarmMs?: number;
  readonly log: Logger;
}

const CONNECT_WAIT_MS = 10_000;
const PRE_WARM_MS = 300_000;
/** Longer than a worker is away that still lives. */
const WISH_KEPT_MS = 60_000;
/** Streams stand still until a silent link is noticed. */
const PROBE_EVERY_MS = 1000;

/**
 * Connects over two connections, commands and subscriptions.
 *
 * @throws RedisUnreachableError where Redis cannot be reached within 10 s, ConfigError where it must not be used; later
 * interruptions are survived.
 */
export async function openChannelsClient(
  options: OpenChannelsClientOptions,
): Promise<ChannelsClient> {
  const { url, name, log } = options;
  const connect = (part: string) =>
    connectRedis({
      url,
      name: `${name}:${part}`,
      log,
      answerWithinMs: ANSWER_WAIT_MS,
      probeEveryMs: PROBE_EVERY_MS,
    });
  const redis = connect("commands");
  const subscriber = connect("events");
  try {
    await Promise.all([
      whenUsable(redis, CONNECT_WAIT_MS, log),
      whenReady(subscriber, CONNECT_WAIT_MS),
    ]);
  } catch (error) {
    redis.disconnect();
    subscriber.disconnect();
    throw error;
  }
  const base = await openQueueBackend(redis, (error) => log.debug({ err: error }, "queue backend"));
  await defineScripts(redis, scripts);
  keepNeededScripts(redis);
  const shownQuestions = createShownQuestions();
  const feed = createEventFeed(subscriber, shownQuestions.note);
  const { minReplicas = 0 } = options;
  const replicas = openReplicaGuard({ url, name: `${name}:replicas`, log, minReplicas });

  const read = <T>(command: () => Promise<T>) => callStore(redis, false, command);
  const write = <T>(command: () => Promise<T>) => callStore(redis, true, command);
  const intend = (channel: string, intent: "warm" | "cool" | "reset") =>
    write(async () => {
      await runScript(redis, "request-intent", [channel, intent, Date.now()]);
    });

  const { limits, defaultAgent = DEMO_AGENT, preWarmMs = PRE_WARM_MS } = options;
  const scheduling = { redis, base, limits, defaultAgent, preWarmMs };

  return {
    schedules: createScheduleStore(scheduling, {
      read,
      write: (command) => write(() => withScripts(redis, command)),
    }),
    questions: createQuestionStore(redis, shownQuestions, limits, { read, write }),
    callbacks: createCallbackOutbox({ redis, subscriber, write }),
    enqueue: (input) =>
      write(async () => {
        const outcome = await withScripts(redis, () =>
          enqueuePrompt(redis, base, options.limits, input),
        );
        if (outcome.at === "accepted" || outcome.at === "duplicate") {
          await replicas.confirm().catch((error: unknown) => {
            throw new StoreUnavailableError(
              "the prompt is not known to be kept by enough replicas",
              "unknown",
              "refused",
              error,
            );
          });
        }
        return outcome;
      }),
    getPrompt: (id) => read(() => readPrompt(redis, id)),
    listPrompts: (filter) => read(() => listPrompts(redis, filter)),
    decide: (promptId, decision, by) =>
      write(() => decidePrompt(redis, options.limits, { promptId, decision, by })),
    cancel: (promptId) => write(() => cancelPrompt(redis, options.limits, promptId)),
    getChannel: (channel) => read(() => readChannelView(redis, channel)),
    setChannel: (channel, settings) =>
      write(async () => {
        await runScript(redis, "set-channel", [channel, ...encodeSettings(settings)]);
      }),
    listChannels: (limit, cursor) => read(() => listChannels(redis, limit, cursor)),
    forgetChannel: (channel) => write(() => runScript(redis, "forget-channel", [channel])),
    requestReset: (channel) => intend(channel, "reset"),
    requestWarm: (channel) => intend(channel, "warm"),
    requestCool: (channel) => intend(channel, "cool"),
    readCounts: () => read(() => readCounts(redis)),
    listSessions: () => read(async () => (await readLive(redis)).sessions),
    getSession: (channel) => read(() => readSession(redis, channel)),
    listWorkers: () => read(async () => (await readLive(redis)).workers),
    listWorkerHealth: () => read(async () => (await readLive(redis)).health),
    requestProbe: (agent) =>
      write(async () => Number(await runScript(redis, "request-probe", [agent, WISH_KEPT_MS]))),
    streamEvents: (channel, stream) => streamEvents(redis, feed, channel, stream),
    eventIdBeforePrompt: (promptId) =>
      read(async () => (await redis.hget(keys.prompt(promptId), "ev")) ?? undefined),
    ping: () =>
      read(async () => {
        await redis.ping();
      }),
    async close() {
      redis.disconnect();
      subscriber.disconnect();
      replicas.close();
    },
  };
}

/**
 * A server that forgot its scripts (`SCRIPT FLUSH`) gets them again, and the call is made once more. Safe for a
 * transaction that was executed in part: the same id makes the rest of it a repetition.
 */
async function withScripts<T>(redis: Redis, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { cause = error } = error instanceof Error ? error : {};
    if (!(cause instanceof Error) || !cause.message.startsWith("NOSCRIPT")) {
      throw error;
    }
    await loadScripts(redis);
    return await call();
  }
}

/**
 * The client walks through all scripts it knows whenever a transaction begins; BullMQ has defined seventy, of which a
 * transaction of ours needs two. Measured: 0.06 ms of each prompt's way.
 */
function keepNeededScripts(redis: Redis): void {
  const known = redis.scriptsSet as Record<string, unknown>;
  for (const name of Object.keys(known)) {
    if (!name.startsWith("pl:") && !/^add(Standard|Delayed)Job:/.test(name)) {
      delete known[name];
    }
  }
}
