import {
  PilotlightError,
  PROBLEM_CODES,
  type Problem,
  type ProblemCode,
} from "@pilotlight/contracts";

/** What a problem may carry besides code and detail. `retryAfter` is in seconds. */
export interface ProblemExtras
  extends Pick<
    Partial<Problem>,
    "errors" | "retryAfter" | "outcome" | "limit" | "actual" | "offset" | "promptId"
  > {
  /** Where the catalogue's status does not fit. */
  readonly status?: number;
}

/** A request that is answered with problem details. `detail` is shown to the caller: it names nothing of ours. */
export class HttpProblem extends PilotlightError {
  readonly problemCode: ProblemCode;
  readonly status: number;
  readonly extras: Omit<ProblemExtras, "status">;
  readonly headers: Readonly<Record<string, string>>;
  /** Set where the rest of the request must not be read: the connection ends with the answer. */
  readonly closesConnection: boolean;

  constructor(
    code: ProblemCode,
    detail: string,
    extras: ProblemExtras = {},
    headers: Readonly<Record<string, string>> = {},
    closesConnection = false,
  ) {
    super(code, detail, { retryable: extras.retryAfter !== undefined });
    const { status, ...rest } = extras;
    this.problemCode = code;
    this.status = status ?? PROBLEM_CODES[code].status;
    this.extras = rest;
    this.headers = headers;
    this.closesConnection = closesConnection;
  }
}
