import { PilotlightError, type Problem } from "@pilotlight/contracts";

/** What went wrong with a call: the server's problem, or `unreachable`, `timeout`, `unexpected_answer` from here. */
export class ApiError extends PilotlightError {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly problem?: Problem; readonly cause?: unknown } = {},
  ) {
    super(code, message, {
      retryable: status === 0 || status === 429 || status === 503,
      cause: options.cause,
    });
    this.status = status;
    this.problem = options.problem;
  }
}
