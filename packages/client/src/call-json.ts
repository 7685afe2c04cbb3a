import type { z } from "zod";
import { ApiError } from "./api-error.ts";
import { type Call, type ClientOptions, send, transportError } from "./connection.ts";

/** Above the 5 s within which the server answers although its store is away. */
const ANSWER_WAIT_MS = 15_000;

/** One call and its answer, checked. @throws ApiError */
export async function callJson<T extends z.ZodType>(
  options: ClientOptions,
  schema: T,
  call: Call,
): Promise<z.output<T>> {
  const timeout = AbortSignal.timeout(call.answerWaitMs ?? ANSWER_WAIT_MS);
  const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
  const response = await send(options, { ...call, signal });
  let body: unknown;
  try {
    body = await response.json();
  } catch (error) {
    throw transportError(error, options.url);
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    throw new ApiError(
      response.status,
      "unexpected_answer",
      "the server's answer is not what this version expects",
      { cause: parsed.error },
    );
  }
  return parsed.data;
}
