import type { UsageLimit } from "../limits/usage-limit.ts";
import { AgentRequestError } from "./agent-request-error.ts";

/** The agent's account has spent what it may for now. */
export class UsageLimitError extends AgentRequestError {
  readonly limit: UsageLimit;

  constructor(
    agent: string,
    limit: UsageLimit,
    rpc: { readonly code: number; readonly data: unknown },
    cause: unknown,
  ) {
    super("agent_usage_limited", `agent "${agent}": ${limit.message}`, rpc, cause);
    this.limit = limit;
  }
}
