import {
  agentHealthSchema,
  agentProbedSchema,
  answerRequestSchema,
  CHANNEL_ID_PATTERN,
  channelListSchema,
  channelSettingsSchema,
  channelViewSchema,
  decisionRequestSchema,
  enqueueRequestSchema,
  enqueueResponseSchema,
  grantListSchema,
  healthSchema,
  intentResponseSchema,
  occurrenceListSchema,
  occurrenceSchema,
  PROMPT_ID_PATTERN,
  PROMPT_STATES,
  problemSchema,
  promptListSchema,
  promptSchema,
  QUESTION_ID_PATTERN,
  QUESTION_STATES,
  QUESTION_TYPES,
  questionListSchema,
  questionSchema,
  SCHEDULE_ID_PATTERN,
  scheduleListSchema,
  scheduleRequestSchema,
  scheduleViewSchema,
  sessionListSchema,
  webhookRequestSchema,
  webhookResponseSchema,
  workerListSchema,
} from "@pilotlight/contracts";
import { z } from "zod";

const schemas = {
  EnqueueRequest: enqueueRequestSchema,
  EnqueueResponse: enqueueResponseSchema,
  Prompt: promptSchema,
  PromptList: promptListSchema,
  SessionList: sessionListSchema,
  WorkerList: workerListSchema,
  Health: healthSchema,
  AgentHealth: agentHealthSchema,
  AgentProbed: agentProbedSchema,
  ChannelSettings: channelSettingsSchema,
  Channel: channelViewSchema,
  ChannelList: channelListSchema,
  DecisionRequest: decisionRequestSchema,
  IntentResponse: intentResponseSchema,
  Question: questionSchema,
  QuestionList: questionListSchema,
  AnswerRequest: answerRequestSchema,
  GrantList: grantListSchema,
  ScheduleRequest: scheduleRequestSchema,
  Schedule: scheduleViewSchema,
  ScheduleList: scheduleListSchema,
  Occurrence: occurrenceSchema,
  OccurrenceList: occurrenceListSchema,
  WebhookRequest: webhookRequestSchema,
  WebhookResponse: webhookResponseSchema,
  Problem: problemSchema,
} as const;

const ref = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: keyof typeof schemas) => ({ "application/json": { schema: ref(name) } });
const answer = (description: string, name: keyof typeof schemas) => ({
  description,
  content: json(name),
});
const problem = {
  default: {
    description: "Any error",
    content: { "application/problem+json": { schema: ref("Problem") } },
  },
};
const events = {
  "200": {
    description: "Server-sent events",
    content: { "text/event-stream": { schema: { type: "string" } } },
  },
};
const parameter = (where: string, name: string, schema: object, description?: string) => ({
  in: where,
  name,
  required: where === "path",
  schema,
  ...(description === undefined ? {} : { description }),
});
const channel = parameter("path", "channel", {
  type: "string",
  pattern: CHANNEL_ID_PATTERN.source,
});
const promptId = parameter("path", "id", { type: "string", pattern: PROMPT_ID_PATTERN.source });
const questionId = parameter("path", "id", {
  type: "string",
  pattern: QUESTION_ID_PATTERN.source,
});
const scheduleId = parameter("path", "id", {
  type: "string",
  pattern: SCHEDULE_ID_PATTERN.source,
});
const ifMatch = parameter("header", "If-Match", { type: "string" }, "Only this version, else 412");
const page = [
  parameter("query", "cursor", { type: "string" }),
  parameter("query", "limit", { type: "integer", minimum: 1, maximum: 200, default: 50 }),
];
const agent = parameter("path", "agent", { type: "string" });
const lastEventId = parameter("header", "Last-Event-ID", { type: "string" }, "Go on after it");
const idempotencyKey = parameter(
  "header",
  "Idempotency-Key",
  { type: "string", minLength: 1, maxLength: 255 },
  "The same key, channel and body are accepted once",
);
const body = (name: keyof typeof schemas) => ({ required: true, content: json(name) });
const get = (summary: string, parameters: readonly object[], responses: object) => ({
  get: { summary, parameters, responses: { ...responses, ...problem } },
});

/** What the API takes and answers, as OpenAPI 3.1; the schemas are those that requests are checked with. */
export function openApiDocument(): object {
  return {
    openapi: "3.1.0",
    info: { title: "Pilotlight", version: "1" },
    security: [{ key: [] }],
    paths: {
      "/v1/channels/{channel}/prompts": {
        post: {
          summary: "Enqueue a prompt",
          description:
            "Prefer: wait=N answers 200 with the finished prompt; Accept: text/event-stream streams the turn. callbackUrl is told of questions, decisions and the end, signed as Standard Webhooks says. mode says what it does where a turn of its channel runs already: queue waits, steer is taken into it, interrupt cancels it, collect becomes one turn with others; delivery of the prompt says what became of that.",
          parameters: [
            channel,
            idempotencyKey,
            parameter("header", "Prefer", { type: "string" }, "wait=N, at most 300 seconds"),
          ],
          requestBody: body("EnqueueRequest"),
          responses: {
            "200": {
              description: "The finished prompt, or its events",
              content: { ...json("Prompt"), ...events["200"].content },
            },
            "202": answer("Accepted: durable, and will be run", "EnqueueResponse"),
            ...problem,
          },
        },
      },
      "/v1/prompts": get(
        "List prompts, newest first",
        [
          parameter("query", "channel", channel.schema),
          parameter("query", "state", { enum: PROMPT_STATES }),
          parameter("query", "cursor", { type: "string" }),
          parameter("query", "limit", { type: "integer", minimum: 1, maximum: 200, default: 50 }),
        ],
        { "200": answer("A page", "PromptList") },
      ),
      "/v1/prompts/{id}": get("Show a prompt", [promptId], {
        "200": answer("The prompt", "Prompt"),
      }),
      "/v1/prompts/{id}/decision": {
        post: {
          summary: "Decide about an interrupted prompt that waits for it",
          description:
            "continue: resume the session, check what is done, finish. rerun: send the prompt again. abandon: end as interrupted. The same decision twice changes nothing.",
          parameters: [promptId],
          requestBody: body("DecisionRequest"),
          responses: { "200": answer("The prompt, decided", "Prompt"), ...problem },
        },
      },
      "/v1/prompts/{id}/events": get("Stream a prompt's turn", [promptId, lastEventId], {
        ...events,
        "204": { description: "The turn is over and its end was seen" },
      }),
      "/v1/prompts/{id}/cancel": {
        post: {
          summary: "Cancel a prompt",
          description:
            "One that has not begun, or waits, is cancelled at once; one that runs is told to stop, with all prompts of its turn.",
          parameters: [promptId],
          responses: {
            "200": answer("It is cancelled", "Prompt"),
            "202": answer("It runs, and will be", "Prompt"),
            ...problem,
          },
        },
      },
      "/v1/channels": get(
        "List channels, the last used first",
        [
          parameter("query", "cursor", { type: "string" }),
          parameter("query", "limit", { type: "integer", minimum: 1, maximum: 200, default: 50 }),
        ],
        { "200": answer("A page", "ChannelList") },
      ),
      "/v1/channels/{channel}": {
        ...get("Show a channel", [channel], { "200": answer("The channel", "Channel") }),
        put: {
          summary: "Set all settings of a channel",
          parameters: [channel],
          requestBody: body("ChannelSettings"),
          responses: { "200": answer("The channel, set", "Channel"), ...problem },
        },
        delete: {
          summary: "Forget a channel's settings and sessions",
          parameters: [channel],
          responses: { "204": { description: "It is forgotten" }, ...problem },
        },
      },
      "/v1/channels/{channel}/events": get("Stream a channel", [channel, lastEventId], events),
      "/v1/channels/{channel}/warm": intent("Open the channel's session now"),
      "/v1/channels/{channel}/cool": intent("Close the channel's session now"),
      "/v1/channels/{channel}/reset": intent(
        "Begin a new conversation, and end a rest after failures or a usage limit",
      ),
      "/v1/channels/{channel}/grants": get(
        "What somebody said always to on this channel",
        [channel],
        { "200": answer("All that have not expired", "GrantList") },
      ),
      "/v1/channels/{channel}/grants/{grant}": {
        delete: {
          summary: "Revoke a grant",
          parameters: [channel, parameter("path", "grant", { type: "string" })],
          responses: { "204": { description: "It allows nothing any more" }, ...problem },
        },
      },
      "/v1/permissions": get(
        "What agents ask people: those that expire first ahead",
        [
          parameter("query", "channel", channel.schema),
          parameter("query", "promptId", promptId.schema),
          parameter("query", "type", { enum: QUESTION_TYPES }),
          parameter("query", "state", { enum: [...QUESTION_STATES, "any"], default: "pending" }),
          ...page,
        ],
        { "200": answer("A page", "QuestionList") },
      ),
      "/v1/permissions/{id}": get("Show a question", [questionId], {
        "200": answer("The question", "Question"),
      }),
      "/v1/permissions/{id}/answer": {
        post: {
          summary: "Answer a question",
          description:
            "The first valid answer counts. The same again is 200, another one 409, one that comes too late 410. hash binds the answer to what was shown.",
          parameters: [questionId],
          requestBody: body("AnswerRequest"),
          responses: { "200": answer("The question, answered", "Question"), ...problem },
        },
      },
      "/v1/schedules": get("List schedules in the order of their ids", page, {
        "200": answer("A page", "ScheduleList"),
      }),
      "/v1/schedules/{id}": {
        ...get("Show a schedule", [scheduleId], { "200": answer("The schedule", "Schedule") }),
        put: {
          summary: "Set all of a schedule",
          description:
            "The same again changes nothing. If-None-Match: * where none may be there. Faults of time, zone and expression are 422 with a pointer to the field.",
          parameters: [scheduleId, ifMatch],
          requestBody: body("ScheduleRequest"),
          responses: {
            "200": answer("The schedule, set", "Schedule"),
            "201": answer("The schedule, new", "Schedule"),
            ...problem,
          },
        },
        delete: {
          summary: "Remove a schedule; what it enqueued is run",
          parameters: [scheduleId, ifMatch],
          responses: { "204": { description: "It is removed" }, ...problem },
        },
      },
      "/v1/schedules/{id}/run": {
        post: {
          summary: "Fire now, whatever the schedule says about that",
          parameters: [scheduleId],
          responses: { "202": answer("Its prompt is enqueued", "Occurrence"), ...problem },
        },
      },
      "/v1/schedules/{id}/pause": turn("Pause a schedule: its due times are skipped"),
      "/v1/schedules/{id}/resume": turn("Let a paused schedule go on"),
      "/v1/schedules/{id}/occurrences": get(
        "What became of a schedule's due times, newest first",
        [scheduleId, ...page],
        { "200": answer("A page", "OccurrenceList") },
      ),
      "/v1/sessions": get("Live sessions", [parameter("query", "channel", channel.schema)], {
        "200": answer("All of them, or the channel's", "SessionList"),
      }),
      "/v1/workers": get("Live workers", [], { "200": answer("All of them", "WorkerList") }),
      "/api/health": get("Whether the agents work", [], {
        "200": answer("Every agent that a worker watches", "Health"),
      }),
      "/api/health/{agent}": get("Whether an agent works", [agent], {
        "200": answer("The agent, as each live worker sees it", "AgentHealth"),
      }),
      "/api/health/{agent}/probe": {
        post: {
          summary: "Have every live worker look whether an agent works",
          description: "Answered when all have, or after [deadlines] probe_secs and a little more.",
          parameters: [agent],
          responses: { "200": answer("What they found", "AgentProbed"), ...problem },
        },
      },
      "/webhook/session/{channel}": {
        post: {
          summary: "Ask and wait up to 120 s for the answer",
          parameters: [channel, idempotencyKey],
          requestBody: body("WebhookRequest"),
          responses: {
            "200": answer("The answer, or why there is none", "WebhookResponse"),
            "202": answer("Time is up; the prompt is queued", "WebhookResponse"),
            ...problem,
          },
        },
      },
    },
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
      ),
    },
  };
}

function turn(summary: string): object {
  return {
    post: {
      summary,
      parameters: [scheduleId],
      responses: { "200": answer("The schedule", "Schedule"), ...problem },
    },
  };
}

function intent(summary: string): object {
  return {
    post: {
      summary,
      parameters: [channel],
      responses: { "202": answer("The wish is noted", "IntentResponse"), ...problem },
    },
  };
}

function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
