import { PilotlightError } from "@pilotlight/contracts";

export interface ErrorAnswer {
  readonly status: 400 | 500 | 503;
  readonly code: string;
  readonly detail: string;
}

/** What a caller hears of an error: never a stack, a path or the text of a library. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof PilotlightError && error.code === "STORE_UNAVAILABLE") {
    return { status: 503, code: "store_unavailable", detail: error.message };
  }
  if (error instanceof URIError || isClientError(error)) {
    return { status: 400, code: "bad_request", detail: "The request cannot be understood." };
  }
  return { status: 500, code: "internal_error", detail: "Something went wrong on the board." };
}

/** As Express and its body parsers mark them. */
function isClientError(error: unknown): boolean {
  const status = (error as { status?: unknown } | undefined)?.status;
  return typeof status === "number" && status >= 400 && status < 500;
}
