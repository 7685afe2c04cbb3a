import { PilotlightError } from "@pilotlight/contracts";

/** The board was asked to change something. Bull Board answers with `statusCode`. */
export class ReadOnlyError extends PilotlightError {
  readonly statusCode = 405;

  constructor() {
    super("BOARD_READ_ONLY", "the board only reads");
  }
}
