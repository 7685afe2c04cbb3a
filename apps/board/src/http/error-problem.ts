import { PilotlightError, type ProblemCode } from "@pilotlight/contracts";

export interface ErrorProblem {
  readonly code: ProblemCode;
  readonly detail: string;
}

/** What a caller hears of an error: never a stack, a path or the text of a library. */
export function errorProblem(error: unknown): ErrorProblem {
  if (error instanceof PilotlightError && error.code === "STORE_UNAVAILABLE") {
    return { code: "store_unavailable", detail: error.message };
  }
  if (error instanceof URIError || statusOf(error) === 400) {
    return { code: "url_malformed", detail: "A part of the URL cannot be decoded." };
  }
  if (statusOf(error) === 413) {
    return { code: "body_too_large", detail: "The form is longer than any key." };
  }
  return { code: "internal_error", detail: "The board failed; its log says why." };
}

/** As Express and its body parsers mark what the client is to blame for. */
function statusOf(error: unknown): unknown {
  return (error as { readonly status?: unknown } | undefined)?.status;
}
