export type {
  ElicitationContentValue,
  ElicitationSchema,
  PermissionOption,
  SessionUpdate,
  ToolCallUpdate,
} from "@agentclientprotocol/sdk";
export type {
  AgentSession,
  OpenSessionOptions,
  PromptOptions,
  SessionEnd,
  SessionPreferences,
  SteerOutcome,
  TurnResult,
} from "./agent-session.ts";
export { AgentExitedError } from "./errors/agent-exited-error.ts";
export { AgentIncompatibleError } from "./errors/agent-incompatible-error.ts";
export { AgentRequestError } from "./errors/agent-request-error.ts";
export { AgentSettingsError } from "./errors/agent-settings-error.ts";
export { type QuestionOverCode, QuestionOverError } from "./errors/question-over-error.ts";
export { SessionUnavailableError } from "./errors/session-unavailable-error.ts";
export { SteerUnansweredError } from "./errors/steer-unanswered-error.ts";
export { TurnTimeoutError } from "./errors/turn-timeout-error.ts";
export { UsageLimitError } from "./errors/usage-limit-error.ts";
export { type UsageLimit, usageLimitOfAnswer } from "./limits/usage-limit.ts";
export { openSession } from "./open/open-session.ts";
export { type ProbeAgentOptions, probeAgent } from "./open/probe-agent.ts";
export type {
  ElicitationAsk,
  ElicitationVerdict,
  PermissionAsk,
  PermissionVerdict,
  TurnPeople,
} from "./turn/turn-people.ts";
