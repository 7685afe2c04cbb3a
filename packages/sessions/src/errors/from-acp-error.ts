import { RequestError } from "@agentclientprotocol/sdk";
import { usageLimitOfError } from "../limits/usage-limit.ts";
import { AgentRequestError } from "./agent-request-error.ts";
import { UsageLimitError } from "./usage-limit-error.ts";

const AUTH_REQUIRED = -32000;

/** Whether a request was answered with an error, and not cut off. */
export function isAcpAnswer(error: unknown): error is RequestError {
  return error instanceof RequestError;
}

/** What the agent answered, as our error; `undefined` where it is not an answer but a lost connection. */
export function fromAcpError(agent: string, error: unknown): AgentRequestError | undefined {
  if (!isAcpAnswer(error)) {
    return undefined;
  }
  const rpc = { code: error.code, data: error.data };
  const limit = usageLimitOfError({ message: messageOf(error), data: error.data }, Date.now());
  if (limit !== undefined) {
    return new UsageLimitError(agent, limit, rpc, error);
  }
  const code = rpc.code === AUTH_REQUIRED ? "agent_auth_required" : "agent_error";
  return new AgentRequestError(code, `agent "${agent}": ${messageOf(error)}`, rpc, error);
}

/** Many agents answer "Internal error" and keep what happened in `data`. */
function messageOf(error: RequestError): string {
  const data = error.data as { details?: unknown; message?: unknown } | undefined;
  const details = [data?.details, data?.message].find((text) => typeof text === "string");
  return details === undefined || error.message.includes(details)
    ? error.message
    : `${error.message}: ${details}`;
}
