import { PilotlightError } from "@pilotlight/contracts";

/** What was asked for cannot be meant; found out after the arguments were read. */
export class UsageError extends PilotlightError {
  constructor(message: string) {
    super("USAGE", message);
  }
}
