import { isUtf8 } from "node:buffer";
import { findJsonFault } from "./find-json-fault.ts";
import { HttpProblem } from "./http-problem.ts";

/** Nesting of a body; more is an attempt to exhaust something. */
const MOST_DEPTH = 32;

export type JsonObject = Record<string, unknown>;

/** @throws HttpProblem for what is not a JSON object in UTF-8, or is nested too deeply */
export function parseJsonObject(body: Buffer): JsonObject {
  if (isUtf16(body)) {
    throw malformed("JSON must be UTF-8; this looks like UTF-16.", 0);
  }
  if (!isUtf8(body)) {
    throw new HttpProblem("invalid_utf8", "The body holds bytes that are not valid UTF-8.");
  }
  const text = body.toString("utf8").replace(/^\uFEFF/, "");
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpProblem("object_required", "The body must be a JSON object at its top level.");
  }
  inspect(value, "", 1);
  return value as JsonObject;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the body and name no place in many cases.
    const offset = findJsonFault(text) ?? text.length;
    throw malformed(
      offset >= text.length
        ? "The body ends before its JSON does."
        : `JSON is broken at character ${offset}.`,
      offset,
    );
  }
}

function malformed(detail: string, offset: number): HttpProblem {
  return new HttpProblem("json_malformed", detail, { offset });
}

/** With a byte order mark, or without: ASCII characters are then every other byte a zero. */
function isUtf16(body: Buffer): boolean {
  const [first, second] = [body[0], body[1]];
  return (
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    first === 0 ||
    second === 0
  );
}

/** Depth, and keys that would reach a prototype where somebody copies the object. */
function inspect(value: object, pointer: string, depth: number): void {
  if (depth > MOST_DEPTH) {
    throw new HttpProblem("json_too_deep", `The body may be nested ${MOST_DEPTH} levels deep.`, {
      limit: MOST_DEPTH,
    });
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__") {
      const detail = "this name is not allowed";
      throw new HttpProblem("unknown_field", "A field is named __proto__.", {
        errors: [{ pointer: `${pointer}/__proto__`, detail }],
      });
    }
    if (typeof inner === "object" && inner !== null) {
      inspect(inner, `${pointer}/${key}`, depth + 1);
    }
  }
}
