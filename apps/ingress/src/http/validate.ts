import type { ProblemCode } from "@pilotlight/contracts";
import type { z } from "zod";
import { HttpProblem } from "./http-problem.ts";
import type { JsonObject } from "./parse-json.ts";

interface Fault {
  readonly code: ProblemCode;
  readonly pointer: string;
  readonly detail: string;
}

/** @throws HttpProblem with a pointer to every field that is wrong; its code is that of the first. */
export function validate<T extends z.ZodType>(schema: T, body: JsonObject): z.output<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) {
    return parsed.data;
  }
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, body));
  const [first] = faults;
  if (first === undefined) {
    throw new HttpProblem("invalid_value", "The body is not valid.");
  }
  throw new HttpProblem(first.code, `${first.pointer}: ${first.detail}`, {
    errors: faults.map(({ pointer, detail }) => ({ pointer, detail })),
  });
}

function faultsOf(issue: z.core.$ZodIssue, body: JsonObject): Fault[] {
  const pointer = pointerTo(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        code: "unknown_field",
        pointer: pointerTo([...issue.path, key]),
        detail: "is not a field of this request",
      }));
    case "invalid_type":
      return valueAt(body, issue.path) === undefined
        ? [{ code: missing(issue.path), pointer, detail: "is missing" }]
        : [{ code: "wrong_type", pointer, detail: `must be a ${issue.expected}` }];
    case "invalid_union":
      return ofUnion(issue, body);
    case "custom":
      return [{ code: issue.params?.code ?? "invalid_value", pointer, detail: issue.message }];
    case "invalid_value":
      if (valueAt(body, issue.path) === undefined) {
        return [{ code: "invalid_value", pointer, detail: "is missing" }];
      }
      return typeof valueAt(body, issue.path) === "string"
        ? [{ code: "invalid_value", pointer, detail: `must be one of ${issue.values.join(", ")}` }]
        : [{ code: "wrong_type", pointer, detail: "must be a string" }];
    default:
      return [{ code: "invalid_value", pointer, detail: issue.message }];
  }
}

/** What is wrong with the member that was meant: the one whose faults lie within. */
function ofUnion(issue: z.core.$ZodIssueInvalidUnion, body: JsonObject): Fault[] {
  const meant = issue.errors.find((issues) => issues.every(isWithin)) ?? [];
  const faults = meant.flatMap((inner) =>
    faultsOf({ ...inner, path: [...issue.path, ...inner.path] }, body),
  );
  return faults.length > 0
    ? faults
    : [{ code: "invalid_value", pointer: pointerTo(issue.path), detail: issue.message }];
}

function isWithin({ code, path }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === "unrecognized_keys";
}

function missing(path: readonly PropertyKey[]): ProblemCode {
  return path.at(-1) === "prompt" ? "prompt_required" : "invalid_value";
}

/** RFC 6901 */
function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map((key) => `/${String(key).slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) {
    value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return value;
}
