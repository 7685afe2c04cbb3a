import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockedAddressError } from "../target/blocked-address-error.ts";
import { guardedLookup, type Resolve } from "../target/guarded-lookup.ts";
import type { CallbackError, CallbackFailure, Delivery } from "./callback.ts";
import { retryAfterMs } from "./retry-after-ms.ts";

export interface PostInput {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** Where the addresses are to be public; else the system connects as it likes. */
  readonly resolve?: Resolve;
}

const MOST_HEADER_BYTES = 16 * 1024;

/**
 * One POST over a connection of its own, which ends with the answer's head: what follows it is nobody's interest, and
 * may be endless. Redirects are not followed.
 */
export function postOnce(input: PostInput): Promise<Delivery> {
  const { url, body, resolve } = input;
  const signal = AbortSignal.any([input.signal, AbortSignal.timeout(input.deadlineMs)]);
  return new Promise<Delivery>((done) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      method: "POST",
      // No pool, and with it no proxy from the environment: the connection goes where the check has looked.
      agent: false,
      maxHeaderSize: MOST_HEADER_BYTES,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "user-agent": "pilotlight",
        ...input.headers,
      },
      ...(resolve === undefined ? {} : { lookup: guardedLookup(resolve) }),
    });
    const end = (delivery: Delivery) => {
      signal.removeEventListener("abort", giveUp);
      done(delivery);
      request.destroy();
    };
    const giveUp = () => end(failed("timed_out"));
    signal.addEventListener("abort", giveUp, { once: true });
    request.on("response", (response) => end(deliveryOf(response)));
    request.on("error", (error) => end(failed(codeOf(error), error)));
    if (signal.aborted) {
      giveUp();
    } else {
      request.end(body);
    }
    // What Node does not even try, as a header that it does not like.
  }).catch((error: Error) => failed(codeOf(error), error));
}

function deliveryOf({ statusCode: status = 0, headers }: IncomingMessage): Delivery {
  if (status >= 200 && status < 300) {
    return { at: "delivered", status };
  }
  const pause = retryAfterMs(headers["retry-after"], Date.now());
  const isRedirect = status >= 300 && status < 400;
  return {
    at: "failed",
    code: status === 410 ? "gone" : isRedirect ? "redirected" : "refused",
    status,
    retry: status === 410 ? "all" : "again",
    ...(pause === undefined ? {} : { retryAfterMs: pause }),
  };
}

function failed(code: CallbackError, cause?: Error): CallbackFailure {
  // Where a name leads is decided anew with the next event; it is not tried again and again for this one.
  return { at: "failed", code, retry: cause instanceof BlockedAddressError ? "never" : "again" };
}

function codeOf(error: NodeJS.ErrnoException): CallbackError {
  if (error instanceof BlockedAddressError) {
    return "blocked_address";
  }
  // Of Node's own codes of TLS and OpenSSL, and of certificates.
  return /^ERR_(?:TLS|SSL)|^EPROTO$|CERT|SIGNATURE|ISSUER/.test(error.code ?? "")
    ? "tls_failed"
    : "unreachable";
}
