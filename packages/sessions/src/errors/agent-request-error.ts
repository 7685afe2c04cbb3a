import { PilotlightError } from "@pilotlight/contracts";

/** The agent answered a request with an error. It is still there and takes the next prompt. */
export class AgentRequestError extends PilotlightError {
  /** The agent's own JSON-RPC error code and data. */
  readonly rpcCode: number;
  readonly data: unknown;

  constructor(
    code: "agent_error" | "agent_auth_required" | "agent_usage_limited",
    message: string,
    rpc: { readonly code: number; readonly data: unknown },
    cause: unknown,
  ) {
    super(code, message, { cause });
    this.rpcCode = rpc.code;
    this.data = rpc.data;
  }
}
