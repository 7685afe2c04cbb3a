import { problemSchema } from "@pilotlight/contracts";
import { ApiError } from "./api-error.ts";

export interface ClientOptions {
  readonly url: string;
  readonly apiKey: string;
}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** How long a JSON answer may take, where that is longer than most. */
  readonly answerWaitMs?: number;
  /** Ends the call; what is thrown then is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Sends a call; the answer's body is still to be read. @throws ApiError for every answer that is not 2xx, and for none */
export async function send({ url, apiKey }: ClientOptions, call: Call): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(call.path, url), {
      method: call.method ?? "GET",
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      redirect: "error",
    });
  } catch (error) {
    throw transportError(error, url);
  }
  if (!response.ok) {
    throw await answeredError(response);
  }
  return response;
}

/** What `fetch` and a body's reader throw, in our words. An abort by the caller stays what it is. */
export function transportError(error: unknown, url: string): unknown {
  if (error instanceof ApiError || (error instanceof Error && error.name === "AbortError")) {
    return error;
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    return new ApiError(0, "timeout", `no answer from ${url} in time`, { cause: error });
  }
  return new ApiError(
    0,
    "unreachable",
    `no answer from ${url} (${causeOf(error)}); is "pilotlight up" running there?`,
    { cause: error },
  );
}

/** `fetch` hides the reason one level down. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error
    ? ((cause as NodeJS.ErrnoException).code ?? cause.message)
    : String(cause);
}

async function answeredError(response: Response): Promise<ApiError> {
  const { status } = response;
  const text = await response.text().catch(() => "");
  const problem = problemSchema.safeParse(parseJson(text));
  if (!problem.success) {
    return new ApiError(
      status,
      "unexpected_answer",
      `the server answered ${status} without saying why`,
    );
  }
  const { code, detail } = problem.data;
  return new ApiError(status, code, `${detail} [${code}]`, { problem: problem.data });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Something between us and the server answered.
    return undefined;
  }
}
