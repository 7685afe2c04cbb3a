import type { RequestError } from "@agentclientprotocol/sdk";

const RESOURCE_NOT_FOUND = -32002;
const INTERNAL_ERROR = -32603;

/**
 * What real agents answer for a session that their store does not hold, besides -32002: Codex and Gemini answer an
 * internal error and say it in words (seen with codex-acp 2.6.0 and gemini-cli 0.61.0).
 */
const UNKNOWN =
  /no rollout found|invalid session identifier|no previous sessions|session.{0,80}not found/i;

/** Whether an agent's answer to resume or load says that the session is not there, as against not now. */
export function isUnknownSession(error: RequestError): boolean {
  if (error.code === RESOURCE_NOT_FOUND) {
    return true;
  }
  return (
    error.code === INTERNAL_ERROR &&
    UNKNOWN.test(`${error.message} ${JSON.stringify(error.data ?? "")}`)
  );
}
