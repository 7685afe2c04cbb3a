import { PilotlightError } from "@pilotlight/contracts";

/**
 * Something was to be sent where it may not be: a prompt while a turn runs or when the session is not usable any more, or a
 * message for a turn where none runs. Nothing was sent.
 */
export class SessionUnavailableError extends PilotlightError {
  constructor(sessionId: string, at: string, what: "prompt" | "steering" = "prompt") {
    super("session_unavailable", `session ${sessionId} takes no ${what} while it is ${at}`);
  }
}
