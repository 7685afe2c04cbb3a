import { PilotlightError } from "@pilotlight/contracts";

export class RedisUnreachableError extends PilotlightError {
  constructor(waitedMs: number, cause: unknown) {
    super("REDIS_UNREACHABLE", `Redis was not reached within ${waitedMs} ms: ${reasonOf(cause)}`, {
      retryable: true,
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : "no answer";
  if (/ECONNREFUSED|ENOENT/.test(message)) {
    return `nothing listens there (${message}). Is the server running, and is the URL right?`;
  }
  if (/WRONGPASS|NOAUTH/.test(message)) {
    return "it refuses the password. Give one in the URL: redis://:PASSWORD@host:port";
  }
  return message;
}
