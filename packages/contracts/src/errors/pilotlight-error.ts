export interface PilotlightErrorOptions {
  readonly cause?: unknown;
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable?: boolean;
}

/** The base of every error that leaves a package: a stable code, a sentence a person can act on, the cause kept. */
export class PilotlightError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: PilotlightErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
