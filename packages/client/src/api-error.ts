import { PilotlightError, type Problem } from "@pilotlight/contracts";

/** The API answered with a problem (its code and sentence), or could not be reached (`status` 0, `unreachable`). */
export class ApiError extends PilotlightError {
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly problem?: Problem; readonly cause?: unknown } = {},
  ) {
    super(code, message, { retryable: status === 0 || status >= 500, cause: options.cause });
    this.status = status;
    this.problem = options.problem;
  }
}
