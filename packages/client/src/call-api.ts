import { problemSchema } from "@pilotlight/contracts";
import { ApiError } from "./api-error.ts";

export interface ApiAddress {
  readonly url: string;
  readonly apiKey: string;
}

export interface ApiCall {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** One request. @throws ApiError unless the answer is a 2xx. */
export async function callApi(address: ApiAddress, path: string, call: ApiCall): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, address.url), {
      method: call.method ?? "GET",
      headers: {
        authorization: `Bearer ${address.apiKey}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  } catch (error) {
    throw new ApiError(
      0,
      "unreachable",
      `no answer from ${address.url}; is "pilotlight up" running there?`,
      { cause: error },
    );
  }
  if (response.ok) {
    return response;
  }
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined)).data;
  throw problem === undefined
    ? new ApiError(response.status, "unknown", `the API answered ${response.status}`)
    : new ApiError(response.status, problem.code, `${problem.detail} [${problem.code}]`, {
        problem,
      });
}
