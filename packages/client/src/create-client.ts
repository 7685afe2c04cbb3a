import {
  type AgentHealth,
  type AgentProbed,
  type AnswerRequest,
  agentHealthSchema,
  agentProbedSchema,
  type ChannelList,
  type ChannelSettings,
  type ChannelView,
  channelListSchema,
  channelViewSchema,
  type Decision,
  type EnqueueRequest,
  type EnqueueResponse,
  enqueueResponseSchema,
  type Grant,
  grantListSchema,
  type Health,
  healthSchema,
  type IntentResponse,
  intentResponseSchema,
  type Occurrence,
  type OccurrenceList,
  occurrenceListSchema,
  occurrenceSchema,
  type Prompt,
  type PromptList as PromptPage,
  type PromptState,
  promptListSchema,
  promptSchema,
  type Question,
  type QuestionList,
  type QuestionState,
  type QuestionType,
  questionListSchema,
  questionSchema,
  type ScheduleList,
  type ScheduleRequest,
  type ScheduleView,
  type SessionView,
  scheduleListSchema,
  scheduleViewSchema,
  sessionListSchema,
  type WorkerView,
  workerListSchema,
} from "@pilotlight/contracts";
import { ApiError } from "./api-error.ts";
import { callJson } from "./call-json.ts";
import { type Call, type ClientOptions, send } from "./connection.ts";
import { followStream } from "./follow-stream.ts";
import type { StreamedEvent } from "./streamed-event.ts";

export interface EnqueueOptions extends EnqueueRequest {
  /** The same key, channel and prompt are accepted once, however often they are sent. */
  readonly idempotencyKey?: string;
}

export interface PromptQuery {
  readonly channel?: string;
  readonly state?: PromptState;
  readonly cursor?: string;
  /** 1 to 200, default 50. */
  readonly limit?: number;
}

export interface PageQuery {
  readonly cursor?: string;
  /** 1 to 200, default 50. */
  readonly limit?: number;
}

export interface QuestionQuery extends PageQuery {
  readonly channel?: string;
  readonly promptId?: string;
  readonly type?: QuestionType;
  /** Default: those that are pending. */
  readonly state?: QuestionState | "any";
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface StreamOptions extends CallOptions {
  /** Go on after this event; `0-0` begins with the oldest that the log holds. */
  readonly after?: string;
}

/** The HTTP API, typed. Calls have a deadline of 15 s and throw `ApiError`; streams reconnect by themselves. */
export interface PilotlightClient {
  /** Resolves when the prompt is durable. */
  enqueue(channel: string, input: EnqueueOptions, options?: CallOptions): Promise<EnqueueResponse>;
  /** Hands a prompt in and streams its turn in the same answer. */
  runPrompt(
    channel: string,
    input: EnqueueOptions,
    options?: CallOptions,
  ): AsyncGenerator<StreamedEvent, void, void>;
  /** A prompt's turn up to its final event. */
  streamPrompt(id: string, options?: StreamOptions): AsyncGenerator<StreamedEvent, void, void>;
  /** A channel's events from now on (or after one), until the signal aborts. */
  streamChannel(
    channel: string,
    options?: StreamOptions,
  ): AsyncGenerator<StreamedEvent, void, void>;
  /** The finished prompt. @throws ApiError `timeout` where it takes longer than `timeoutMs` */
  waitForPrompt(id: string, timeoutMs: number, options?: CallOptions): Promise<Prompt>;
  getPrompt(id: string, options?: CallOptions): Promise<Prompt>;
  /** Newest first. */
  listPrompts(input?: PromptQuery, options?: CallOptions): Promise<PromptPage>;
  /** A person's word about a prompt that waits for a decision. The same once more changes nothing. */
  decide(id: string, decision: Decision, options?: CallOptions): Promise<Prompt>;
  getChannel(channel: string, options?: CallOptions): Promise<ChannelView>;
  /** Sets all settings of the channel; what is left out has its default again. */
  setChannel(
    channel: string,
    settings: ChannelSettings,
    options?: CallOptions,
  ): Promise<ChannelView>;
  /** The last used first. */
  listChannels(
    input?: { readonly cursor?: string; readonly limit?: number },
    options?: CallOptions,
  ): Promise<ChannelList>;
  /** Forgets settings and sessions. @throws ApiError `channel_busy` where prompts are not finished */
  forgetChannel(channel: string, options?: CallOptions): Promise<void>;
  /** The prompt, cancelled; or still running where its agent is only told to stop. */
  cancel(id: string, options?: CallOptions): Promise<Prompt>;
  /** What agents ask people: the pending ones, unless another state is asked for. */
  listQuestions(input?: QuestionQuery, options?: CallOptions): Promise<QuestionList>;
  getQuestion(id: string, options?: CallOptions): Promise<Question>;
  /**
   * The first valid answer counts; the same once more changes nothing.
   *
   * @throws ApiError `already_answered`, `permission_expired`, `unknown_option`, `shown_differs`
   */
  answer(id: string, answer: AnswerRequest, options?: CallOptions): Promise<Question>;
  /** What somebody said "always" to on this channel. */
  listGrants(channel: string, options?: CallOptions): Promise<readonly Grant[]>;
  revokeGrant(channel: string, id: string, options?: CallOptions): Promise<void>;
  /** Sets all of a schedule. `etag` where only that version is to be replaced. @throws ApiError `precondition_failed` */
  setSchedule(
    id: string,
    schedule: ScheduleRequest,
    options?: CallOptions & { readonly etag?: string },
  ): Promise<ScheduleView>;
  getSchedule(id: string, options?: CallOptions): Promise<ScheduleView>;
  /** In the order of their ids. */
  listSchedules(input?: PageQuery, options?: CallOptions): Promise<ScheduleList>;
  removeSchedule(id: string, options?: CallOptions): Promise<void>;
  /** Fires now, whatever the schedule says about that. */
  runSchedule(id: string, options?: CallOptions): Promise<Occurrence>;
  pauseSchedule(id: string, options?: CallOptions): Promise<ScheduleView>;
  resumeSchedule(id: string, options?: CallOptions): Promise<ScheduleView>;
  /** What became of its due times, newest first. */
  listOccurrences(id: string, input?: PageQuery, options?: CallOptions): Promise<OccurrenceList>;
  /** All live sessions, or those of one channel. */
  listSessions(channel?: string, options?: CallOptions): Promise<readonly SessionView[]>;
  listWorkers(options?: CallOptions): Promise<readonly WorkerView[]>;
  /** Whether the agents work, as all live workers see it. */
  health(options?: CallOptions): Promise<Health>;
  agentHealth(agent: string, options?: CallOptions): Promise<AgentHealth>;
  /** Has every live worker look; takes as long as the slowest probe, at most five minutes. */
  probeAgent(agent: string, options?: CallOptions): Promise<AgentProbed>;
  warm(channel: string, options?: CallOptions): Promise<IntentResponse>;
  cool(channel: string, options?: CallOptions): Promise<IntentResponse>;
  /** The next turn begins a new conversation; a rest after failures or a usage limit ends. */
  reset(channel: string, options?: CallOptions): Promise<IntentResponse>;
}

/** Above any probe that is worth waiting for; the server answers when its own deadline is over. */
const PROBE_WAIT_MS = 300_000;
const EVENT_STREAM = { accept: "text/event-stream" } as const;

export function createClient(options: ClientOptions): PilotlightClient {
  const streamPrompt = (id: string, stream: StreamOptions = {}) =>
    followStream(options, (lastEventId) => eventsCall(promptPath(id), lastEventId), {
      ...stream,
      endsWithTurn: true,
    });
  const getPrompt = (id: string, call: CallOptions = {}) =>
    callJson(options, promptSchema, { path: promptPath(id), ...call });
  const intend = (channel: string, wish: IntentResponse["requested"], call: CallOptions = {}) =>
    callJson(options, intentResponseSchema, {
      method: "POST",
      path: `${channelPath(channel)}/${wish}`,
      ...call,
    });

  const turnSchedule = (id: string, way: "pause" | "resume", call: CallOptions = {}) =>
    callJson(options, scheduleViewSchema, {
      method: "POST",
      path: `${schedulePath(id)}/${way}`,
      ...call,
    });

  async function remove(path: string, call: CallOptions): Promise<void> {
    const response = await send(options, {
      method: "DELETE",
      path,
      signal: AbortSignal.any([AbortSignal.timeout(15_000), ...signalsOf(call)]),
    });
    await response.body?.cancel();
  }

  return {
    enqueue: (channel, input, call = {}) =>
      callJson(options, enqueueResponseSchema, { ...enqueueCall(channel, input), ...call }),

    runPrompt: (channel, input, call = {}) =>
      followStream(
        options,
        (lastEventId, first) => {
          const self = first?.headers.get("location");
          return self == null
            ? enqueueCall(channel, input, EVENT_STREAM)
            : eventsCall(self, lastEventId);
        },
        { ...call, endsWithTurn: true },
      ),

    streamPrompt,

    streamChannel: (channel, stream = {}) =>
      followStream(options, (lastEventId) => eventsCall(channelPath(channel), lastEventId), {
        ...stream,
        endsWithTurn: false,
      }),

    async waitForPrompt(id, timeoutMs, call = {}) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
      for await (const _ of streamPrompt(id, { signal })) {
        // Only its end matters here.
      }
      call.signal?.throwIfAborted();
      if (timeout.aborted) {
        throw new ApiError(0, "timeout", `prompt ${id} was not finished within ${timeoutMs} ms`);
      }
      return await getPrompt(id, call);
    },

    getPrompt,

    listPrompts: (input = {}, call = {}) =>
      callJson(options, promptListSchema, { path: `/v1/prompts${queryOf({ ...input })}`, ...call }),

    decide: (id, decision, call = {}) =>
      callJson(options, promptSchema, {
        method: "POST",
        path: `${promptPath(id)}/decision`,
        body: { decision },
        ...call,
      }),

    getChannel: (channel, call = {}) =>
      callJson(options, channelViewSchema, { path: channelPath(channel), ...call }),

    setChannel: (channel, settings, call = {}) =>
      callJson(options, channelViewSchema, {
        method: "PUT",
        path: channelPath(channel),
        body: settings,
        ...call,
      }),

    listChannels: (input = {}, call = {}) =>
      callJson(options, channelListSchema, {
        path: `/v1/channels${queryOf({ ...input })}`,
        ...call,
      }),

    forgetChannel: (channel, call = {}) => remove(channelPath(channel), call),

    setSchedule: (id, schedule, { etag, ...call } = {}) =>
      callJson(options, scheduleViewSchema, {
        method: "PUT",
        path: schedulePath(id),
        body: schedule,
        ...(etag === undefined ? {} : { headers: { "if-match": etag } }),
        ...call,
      }),
    getSchedule: (id, call = {}) =>
      callJson(options, scheduleViewSchema, { path: schedulePath(id), ...call }),
    listSchedules: (input = {}, call = {}) =>
      callJson(options, scheduleListSchema, {
        path: `/v1/schedules${queryOf({ ...input })}`,
        ...call,
      }),
    removeSchedule: (id, call = {}) => remove(schedulePath(id), call),
    runSchedule: (id, call = {}) =>
      callJson(options, occurrenceSchema, {
        method: "POST",
        path: `${schedulePath(id)}/run`,
        ...call,
      }),
    pauseSchedule: (id, call) => turnSchedule(id, "pause", call),
    resumeSchedule: (id, call) => turnSchedule(id, "resume", call),
    listOccurrences: (id, input = {}, call = {}) =>
      callJson(options, occurrenceListSchema, {
        path: `${schedulePath(id)}/occurrences${queryOf({ ...input })}`,
        ...call,
      }),

    cancel: (id, call = {}) =>
      callJson(options, promptSchema, {
        method: "POST",
        path: `${promptPath(id)}/cancel`,
        ...call,
      }),

    listQuestions: (input = {}, call = {}) =>
      callJson(options, questionListSchema, {
        path: `/v1/permissions${queryOf({ ...input })}`,
        ...call,
      }),
    getQuestion: (id, call = {}) =>
      callJson(options, questionSchema, { path: questionPath(id), ...call }),
    answer: (id, answer, call = {}) =>
      callJson(options, questionSchema, {
        method: "POST",
        path: `${questionPath(id)}/answer`,
        body: answer,
        ...call,
      }),
    async listGrants(channel, call = {}) {
      const path = `${channelPath(channel)}/grants`;
      return (await callJson(options, grantListSchema, { path, ...call })).items;
    },
    revokeGrant: (channel, id, call = {}) =>
      remove(`${channelPath(channel)}/grants/${encodeURIComponent(id)}`, call),

    async listSessions(channel, call = {}) {
      const path = `/v1/sessions${queryOf({ channel })}`;
      return (await callJson(options, sessionListSchema, { path, ...call })).items;
    },

    async listWorkers(call = {}) {
      return (await callJson(options, workerListSchema, { path: "/v1/workers", ...call })).items;
    },

    health: (call = {}) => callJson(options, healthSchema, { path: "/api/health", ...call }),
    agentHealth: (agent, call = {}) =>
      callJson(options, agentHealthSchema, { path: healthPath(agent), ...call }),
    probeAgent: (agent, call = {}) =>
      callJson(options, agentProbedSchema, {
        method: "POST",
        path: `${healthPath(agent)}/probe`,
        answerWaitMs: PROBE_WAIT_MS,
        ...call,
      }),

    warm: (channel, call) => intend(channel, "warm", call),
    cool: (channel, call) => intend(channel, "cool", call),
    reset: (channel, call) => intend(channel, "reset", call),
  };
}

function signalsOf({ signal }: CallOptions): AbortSignal[] {
  return signal === undefined ? [] : [signal];
}

function enqueueCall(
  channel: string,
  { idempotencyKey, ...body }: EnqueueOptions,
  headers: Readonly<Record<string, string>> = {},
): Call {
  return {
    method: "POST",
    path: `${channelPath(channel)}/prompts`,
    body,
    headers:
      idempotencyKey === undefined ? headers : { ...headers, "idempotency-key": idempotencyKey },
  };
}

function eventsCall(path: string, lastEventId: string | undefined): Call {
  return {
    path: `${path}/events`,
    headers: {
      ...EVENT_STREAM,
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    },
  };
}

function questionPath(id: string): string {
  return `/v1/permissions/${encodeURIComponent(id)}`;
}

function promptPath(id: string): string {
  return `/v1/prompts/${encodeURIComponent(id)}`;
}

function healthPath(agent: string): string {
  return `/api/health/${encodeURIComponent(agent)}`;
}

function schedulePath(id: string): string {
  return `/v1/schedules/${encodeURIComponent(id)}`;
}

function channelPath(channel: string): string {
  return `/v1/channels/${encodeURIComponent(channel)}`;
}

function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) {
      query.set(name, String(value));
    }
  }
  return query.size === 0 ? "" : `?${query}`;
}
