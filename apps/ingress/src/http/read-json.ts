import type { Request, Response } from "express";
import { z } from "zod";
import { parseJsonObject } from "./parse-json.ts";
import { hasBody, readBody } from "./read-body.ts";
import { validate } from "./validate.ts";

export interface ReadJson<T> {
  readonly value: T;
  /** As it came: what tells a repeated request from another one. */
  readonly bytes: Buffer;
}

/** @throws HttpProblem that says what is wrong with the body */
export async function readJson<T extends z.ZodType>(
  req: Request,
  res: Response,
  schema: T,
  limitBytes: number,
): Promise<ReadJson<z.output<T>>> {
  const bytes = await readBody(req, res, limitBytes);
  return { value: validate(schema, parseJsonObject(bytes)), bytes };
}

const nothing = z.strictObject({});

/** For routes that take no body yet: an empty object is as good as none, a field is refused. */
export async function readNoFields(req: Request, res: Response, limitBytes: number): Promise<void> {
  if (hasBody(req)) {
    await readJson(req, res, nothing, limitBytes);
  }
}
