import type { Request, Response } from "express";
import { HttpProblem } from "./http-problem.ts";

/**
 * The bytes of a JSON body. What it is and how long it may be is judged by its headers before a byte is read, and by
 * what really comes while reading.
 *
 * @throws HttpProblem for a missing, compressed, foreign or too long body
 */
export async function readBody(req: Request, res: Response, limitBytes: number): Promise<Buffer> {
  if (!hasBody(req)) {
    throw new HttpProblem("body_required", "The request has no body; a JSON object is expected.");
  }
  checkMediaType(req.headers["content-type"]);
  checkEncoding(req.headers["content-encoding"]);
  const declared = Number(req.headers["content-length"] ?? 0);
  if (declared > limitBytes) {
    throw tooLarge(limitBytes, declared);
  }
  if (req.headers.expect !== undefined) {
    res.writeContinue();
  }
  const body = await collect(req, limitBytes);
  if (body.length === 0) {
    throw new HttpProblem("body_required", "The body is empty; a JSON object is expected.");
  }
  return body;
}

export function hasBody(req: Request): boolean {
  return (
    req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0
  );
}

function checkMediaType(header: string | undefined): void {
  const [type = "", ...parameters] = (header ?? "").toLowerCase().split(";");
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith("charset="));
  if (type.trim() !== "application/json") {
    throw new HttpProblem("unsupported_media_type", "Content-Type must be application/json.");
  }
  if (charset !== undefined && charset.replaceAll('"', "") !== "charset=utf-8") {
    throw new HttpProblem("unsupported_media_type", "JSON is taken as UTF-8 only.");
  }
}

function checkEncoding(header: string | undefined): void {
  if (header !== undefined && header.trim().toLowerCase() !== "identity") {
    throw new HttpProblem(
      "unsupported_encoding",
      "Content-Encoding must be absent: compressed bodies are not taken.",
      {},
      { "accept-encoding": "identity" },
    );
  }
}

function tooLarge(limit: number, actual?: number): HttpProblem {
  return new HttpProblem(
    "body_too_large",
    `The body may have ${limit} bytes.`,
    { limit, ...(actual === undefined ? {} : { actual }) },
    {},
    true,
  );
}

/** Never rejects for a client that went away: nobody is there to be answered, so it stays pending and is collected. */
function collect(req: Request, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    req.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) {
        chunks.length = 0;
        req.removeAllListeners("data");
        reject(tooLarge(limitBytes));
        return;
      }
      chunks.push(chunk);
    });
    req.once("end", () => {
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    req.once("error", () => undefined);
  });
}
