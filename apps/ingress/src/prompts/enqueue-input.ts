import { hash } from "node:crypto";
import type { EnqueueInput } from "@pilotlight/channels";
import { derivePromptId, type EnqueueRequest, newPromptId } from "@pilotlight/contracts";
import type { Request, Response } from "express";
import { HttpProblem } from "../http/http-problem.ts";
import { idempotencyKeyOf } from "../http/idempotency-key-of.ts";

export interface EnqueueSource {
  readonly channel: string;
  readonly body: EnqueueRequest;
  /** The body as it came. */
  readonly bytes: Buffer;
  readonly mostPromptBytes: number;
  readonly callback?: EnqueueInput["callback"];
}

/**
 * What a request asks for, in the store's terms. The same key, channel and `Idempotency-Key` make the same id.
 *
 * @throws HttpProblem `prompt_too_large`, `invalid_idempotency_key`
 */
export function enqueueInput(req: Request, res: Response, source: EnqueueSource): EnqueueInput {
  const { channel, body, callback, mostPromptBytes: limit } = source;
  const actual = Buffer.byteLength(body.prompt);
  if (actual > limit) {
    throw new HttpProblem(
      "prompt_too_large",
      `The prompt has ${actual} bytes as UTF-8; ${limit} are allowed.`,
      { limit, actual, errors: [{ pointer: "/prompt", detail: "is too large" }] },
    );
  }
  const key = idempotencyKeyOf(req);
  return {
    id: key === undefined ? newPromptId() : derivePromptId(res.locals.keyId, channel, key),
    channel,
    prompt: body.prompt,
    surface: body.surface ?? "api",
    ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
    ...(body.mode === undefined ? {} : { mode: body.mode }),
    ...(body.onInterrupted === undefined ? {} : { onInterrupted: body.onInterrupted }),
    ...(body.idempotent === undefined ? {} : { idempotent: body.idempotent }),
    ...(body.notBefore === undefined ? {} : { notBeforeMs: momentOf(body.notBefore) }),
    ...(callback === undefined ? {} : { callback }),
    bodyHash: hash("sha256", source.bytes),
  };
}

/** Seconds count from now. */
function momentOf(notBefore: string | number): number {
  return typeof notBefore === "string" ? Date.parse(notBefore) : Date.now() + notBefore * 1000;
}
