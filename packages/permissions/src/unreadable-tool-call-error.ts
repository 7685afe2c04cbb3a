import { PilotlightError } from "@pilotlight/contracts";

/** A tool call that nobody can be shown: it is to be rejected. */
export class UnreadableToolCallError extends PilotlightError {
  constructor(what: string) {
    super("unreadable_tool_call", `the tool call cannot be shown: ${what}`);
  }
}
