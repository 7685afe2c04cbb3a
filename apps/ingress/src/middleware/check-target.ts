import type { RequestHandler } from "express";
import { HttpProblem } from "../http/http-problem.ts";

const MOST_URL_BYTES = 8192;
const MOST_HEADERS = 100;
const KEY_PARAMETER = /[?&](?:api[-_]?key|key|access[-_]?token|token|authorization)=|plk_/i;

/** The request target and the size of the head, before anything looks into them. */
export const checkTarget: RequestHandler = (req, _res, next) => {
  const { url } = req;
  if (url.length > MOST_URL_BYTES) {
    throw new HttpProblem("url_too_long", `A URL may have ${MOST_URL_BYTES} bytes.`, {
      limit: MOST_URL_BYTES,
      actual: url.length,
    });
  }
  if (!url.startsWith("/")) {
    throw new HttpProblem("url_malformed", "The request must name a path.");
  }
  if (req.rawHeaders.length > 2 * MOST_HEADERS) {
    throw new HttpProblem("headers_too_large", `A request may have ${MOST_HEADERS} headers.`, {
      limit: MOST_HEADERS,
      actual: req.rawHeaders.length / 2,
    });
  }
  const { expect } = req.headers;
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") {
    throw new HttpProblem("expectation_failed", "Only 100-continue may be expected.");
  }
  const query = url.indexOf("?");
  if (query >= 0 && KEY_PARAMETER.test(url.slice(query))) {
    throw new HttpProblem("key_in_query", "Send the key in the Authorization header.");
  }
  next();
};
