export { AGENT_NAME_PATTERN } from "./agent-name.ts";
export { apiKeyMatches, digestApiKey } from "./api-key/api-key-digest.ts";
export { newApiKey } from "./api-key/new-api-key.ts";
export { type ParsedApiKey, parseApiKey } from "./api-key/parse-api-key.ts";
export { apiKeyFile, readApiKey } from "./api-key/read-api-key.ts";
export { CHANNEL_ID_PATTERN, channelIdSchema, isChannelId } from "./channel-id.ts";
export { AGENT_PRESETS, type AgentPreset, DEMO_AGENT } from "./config/agent-presets.ts";
export {
  type CallbackConfig,
  type CallbackSecrets,
  readCallbackSecrets,
} from "./config/callback-config.ts";
export type { AgentConfig, McpServerConfig, PilotlightConfig } from "./config/config.ts";
export { ConfigError } from "./config/config-error.ts";
export { cwdFault } from "./config/cwd-fault.ts";
export { type LoadConfigInput, loadConfig } from "./config/load-config.ts";
export type { PrecheckConfig } from "./config/precheck-config.ts";
export { PilotlightError, type PilotlightErrorOptions } from "./errors/pilotlight-error.ts";
export {
  CHANNEL_EVENT_TYPES,
  type ChannelEvent,
  type ChannelEventType,
  isFinalEventType,
} from "./events/channel-event.ts";
export { type AnswerRequest, answerRequestSchema } from "./http/answer-request.ts";
export {
  CHANNEL_BLOCKS,
  type ChannelBlock,
  type ChannelSettings,
  type ChannelView,
  channelBlockSchema,
  channelSettingsSchema,
  channelViewSchema,
  MOST_PRIORITY,
} from "./http/channel-settings.ts";
export { type DecisionRequest, decisionRequestSchema } from "./http/decision.ts";
export {
  type EnqueueRequest,
  type EnqueueResponse,
  enqueueRequestSchema,
  enqueueResponseSchema,
  METADATA_LIMIT_BYTES,
} from "./http/enqueue-request.ts";
export {
  type ChannelList,
  channelListSchema,
  type GrantList,
  grantListSchema,
  type IntentResponse,
  intentResponseSchema,
  type PromptList,
  promptListSchema,
  type QuestionList,
  questionListSchema,
  sessionListSchema,
  workerListSchema,
} from "./http/lists.ts";
export { type Problem, problemSchema } from "./http/problem.ts";
export { PROBLEM_CODES, type ProblemCode } from "./http/problem-codes.ts";
export { promptTextSchema } from "./http/prompt-text.ts";
export {
  isScheduleId,
  MISFIRE_POLICIES,
  type Occurrence,
  type OccurrenceList,
  OVERLAP_POLICIES,
  occurrenceListSchema,
  occurrenceSchema,
  type QuietHours,
  SCHEDULE_ID_PATTERN,
  type ScheduleDefinition,
  type ScheduleList,
  type ScheduleRequest,
  type ScheduleState,
  type ScheduleView,
  type SkipReason,
  scheduleListSchema,
  scheduleRequestSchema,
  scheduleViewSchema,
} from "./http/schedule.ts";
export {
  type WebhookRequest,
  type WebhookResponse,
  webhookRequestSchema,
  webhookResponseSchema,
} from "./http/webhook.ts";
export {
  AGENT_STATES,
  type AgentHealth,
  type AgentHealthView,
  type AgentProbed,
  type AgentState,
  agentHealthSchema,
  agentHealthViewSchema,
  agentProbedSchema,
  type Health,
  healthSchema,
} from "./live/agent-health.ts";
export {
  SESSION_STATES,
  type SessionState,
  type SessionView,
  type StandbyFigures,
  sessionViewSchema,
  standbyFiguresSchema,
  type WorkerView,
  workerViewSchema,
} from "./live/session-view.ts";
export {
  DECISIONS,
  type Decision,
  decisionSchema,
  INTERRUPTION_POLICIES,
  type InterruptionPolicy,
  RECOVERIES,
  type Recovery,
  type TakenDecision,
  WAITING_FOR,
  type WaitingFor,
} from "./prompts/interruption.ts";
export { LIMIT_POLICIES, type LimitPolicy } from "./prompts/limit-policy.ts";
export {
  type Attempt,
  attemptSchema,
  type CallbackCounts,
  callbackCountsSchema,
  type PlanEntry,
  type Prompt,
  type PromptError,
  planEntrySchema,
  promptErrorSchema,
  promptSchema,
  SESSION_OPENINGS,
  type SessionOpening,
  SURFACES,
  type Surface,
  usageSchema,
} from "./prompts/prompt.ts";
export { derivePromptId, isPromptId, newPromptId, PROMPT_ID_PATTERN } from "./prompts/prompt-id.ts";
export {
  DELIVERIES,
  type Delivery,
  PROMPT_MODES,
  type PromptMode,
  STEER_FALLBACKS,
  type SteerFallback,
} from "./prompts/prompt-mode.ts";
export {
  FINAL_PROMPT_STATES,
  type FinalPromptState,
  isFinalPromptState,
  PROMPT_STATES,
  type PromptState,
} from "./prompts/prompt-state.ts";
export {
  type ChannelPermissions,
  channelPermissionsSchema,
} from "./questions/channel-permissions.ts";
export {
  MOST_RULES,
  PERMISSION_POLICIES,
  type PermissionPolicy,
  type PermissionRule,
  permissionRuleSchema,
  TOOL_KINDS,
  type ToolKind,
} from "./questions/permission-rule.ts";
export {
  type GivenAnswer,
  type Grant,
  type GrantScope,
  givenAnswerSchema,
  grantSchema,
  grantScopeSchema,
  OPTION_KINDS,
  type OptionKind,
  QUESTION_STATES,
  QUESTION_TYPES,
  type Question,
  type QuestionAnswer,
  type QuestionState,
  type QuestionType,
  questionAnswerSchema,
  questionSchema,
  type ShownToolCall,
  shownToolCallSchema,
} from "./questions/question.ts";
export { isQuestionId, newQuestionId, QUESTION_ID_PATTERN } from "./questions/question-id.ts";
export { shortText, visibleText } from "./text/visible-text.ts";
