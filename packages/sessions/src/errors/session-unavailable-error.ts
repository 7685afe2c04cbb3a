import { PilotlightError } from "@pilotlight/contracts";

/** A prompt was sent where none may be: a turn runs already, or the session is not usable any more. */
export class SessionUnavailableError extends PilotlightError {
  constructor(sessionId: string, at: string) {
    super("session_unavailable", `session ${sessionId} takes no prompt while it is ${at}`);
  }
}
