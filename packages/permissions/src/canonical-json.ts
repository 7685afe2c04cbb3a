import { isObject } from "./json.ts";
import { UnreadableToolCallError } from "./unreadable-tool-call-error.ts";

const MOST_DEPTH = 100;

/**
 * JSON with sorted keys: equal for equal values, however they were written.
 *
 * @throws UnreadableToolCallError where it is nested too deeply to be looked at.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MOST_DEPTH) {
    throw new UnreadableToolCallError(`its input is nested more than ${MOST_DEPTH} levels deep`);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  }
  if (isObject(value)) {
    const fields = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key], depth + 1)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
