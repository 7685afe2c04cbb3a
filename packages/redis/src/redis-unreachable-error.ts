import { PilotlightError } from "@pilotlight/contracts";

/** Redis did not answer: where, why, and what may be done about it. */
export class RedisUnreachableError extends PilotlightError {
  constructor(address: string, waitedMs: number, cause: unknown) {
    super(
      "REDIS_UNREACHABLE",
      `Redis at ${address} was not reached within ${waitedMs} ms: ${reasonOf(cause)}`,
      { retryable: true, cause },
    );
  }
}

/** Nothing is repeated from an answer that could carry a secret. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? `${errorCodeOf(cause)} ${cause.message}` : "";
  if (/WRONGPASS|NOAUTH|invalid password/.test(text)) {
    return "it refuses the password. Give the right one in the URL: redis://:PASSWORD@host:port";
  }
  if (/ECONNREFUSED|ENOENT/.test(text)) {
    return "nothing listens there. Is the server running, and is the URL right?";
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) {
    return "its name is not known. Is the host in the URL right?";
  }
  if (/EACCES|EPERM/.test(text)) {
    return "this user may not open its socket. Mend the permissions, or run as its user";
  }
  if (/^DENIED|protected mode/.test(text)) {
    return "it runs in protected mode and refuses other machines. Give it a password";
  }
  if (/NOPERM/.test(text)) {
    return "its ACL refuses this user. See which commands and keys are allowed to it";
  }
  if (/CERT|certificate|SSL|TLS|wrong version number|EPROTO/i.test(text)) {
    return `TLS could not be set up (${text.trim()}). Is rediss:// right, and the certificate trusted?`;
  }
  if (/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(text)) {
    return "the connection attempt got no answer. Does a firewall stand between?";
  }
  return text.trim() === "" ? "it accepts connections but does not answer" : text.trim();
}

function errorCodeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}
