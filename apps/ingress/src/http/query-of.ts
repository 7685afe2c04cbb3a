import type { Request } from "express";
import { HttpProblem } from "./http-problem.ts";

/**
 * The parameters of the URL's query.
 *
 * @throws HttpProblem for one that is not known, or comes twice: two readers may take different ones
 */
export function queryOf<N extends string>(
  req: Request,
  known: readonly N[],
): { readonly [name in N]?: string } {
  const at = req.originalUrl.indexOf("?");
  const values: Partial<Record<N, string>> = {};
  for (const [name, value] of new URLSearchParams(at < 0 ? "" : req.originalUrl.slice(at))) {
    if (!known.includes(name as N)) {
      throw refused("unknown_field", name, `is not known; ${known.join(", ")} are`);
    }
    if (name in values) {
      throw refused("invalid_value", name, "may be given once");
    }
    values[name as N] = value;
  }
  return values;
}

function refused(code: "unknown_field" | "invalid_value", name: string, detail: string) {
  const shown = name.slice(0, 100);
  return new HttpProblem(code, `The parameter ${shown} ${detail}.`, {
    errors: [{ pointer: `?${shown}`, detail }],
  });
}
