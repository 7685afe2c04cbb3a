export type { SessionUpdate } from "@agentclientprotocol/sdk";
export type {
  AgentSession,
  OpenSessionOptions,
  PermissionGrant,
  PromptOptions,
  SessionEnd,
  TurnResult,
} from "./agent-session.ts";
export { AgentExitedError } from "./errors/agent-exited-error.ts";
export { AgentIncompatibleError } from "./errors/agent-incompatible-error.ts";
export { AgentRequestError } from "./errors/agent-request-error.ts";
export { SessionUnavailableError } from "./errors/session-unavailable-error.ts";
export { TurnTimeoutError } from "./errors/turn-timeout-error.ts";
export { openSession } from "./open/open-session.ts";
export { type ProbeAgentOptions, probeAgent } from "./open/probe-agent.ts";
