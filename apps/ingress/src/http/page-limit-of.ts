import { invalidParameter } from "./invalid-parameter.ts";

const DEFAULT_LIMIT = 50;
const MOST = 200;

/** How many items a page is asked to have. @throws HttpProblem */
export function pageLimitOf(text = String(DEFAULT_LIMIT)): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST) {
    throw invalidParameter("limit", `must be a whole number from 1 to ${MOST}`);
  }
  return limit;
}
