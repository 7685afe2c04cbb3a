import { z } from "zod";
import { validate } from "../http/validate.ts";

/** What a form's field may say about itself: ACP forms are flat, and a pattern of an agent's is not run here. */
const KEPT = new Set([
  "type",
  "enum",
  "const",
  "oneOf",
  "anyOf",
  "items",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "minItems",
  "maxItems",
  "format",
  "default",
]);
const MOST_DEPTH = 4;

type FieldSchema = Record<string, unknown>;

/**
 * The fields of a form as the agent gets them.
 *
 * @throws HttpProblem that names the fields that do not fit the form's schema
 */
export function checkForm(
  form: Readonly<Record<string, unknown>>,
  content: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const properties = recordOf(form.properties);
  const schema = z.fromJSONSchema({
    type: "object",
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, plainField(field, MOST_DEPTH)]),
    ),
    required: (Array.isArray(form.required) ? form.required : []).filter(
      (name): name is string => typeof name === "string" && Object.hasOwn(properties, name),
    ),
    additionalProperties: false,
  });
  const { content: checked } = validate(z.object({ content: schema }), { content });
  return checked as Record<string, unknown>;
}

function plainField(field: unknown, depth: number): FieldSchema {
  const plain: FieldSchema = {};
  for (const [name, value] of Object.entries(recordOf(field))) {
    if (KEPT.has(name)) {
      plain[name] = plainValue(name, value, depth);
    }
  }
  return plain;
}

function plainValue(name: string, value: unknown, depth: number): unknown {
  if (depth <= 0) {
    return value;
  }
  if (name === "items") {
    return plainField(value, depth - 1);
  }
  if ((name === "oneOf" || name === "anyOf") && Array.isArray(value)) {
    return value.map((one) => plainField(one, depth - 1));
  }
  return value;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
