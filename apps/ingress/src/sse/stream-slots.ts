import type { Response } from "express";
import { HttpProblem } from "../http/http-problem.ts";

/** The right to keep a connection open and listen to a channel. */
export interface StreamSlot {
  /** Aborts when the client goes away, the process drains, or `end` is called. */
  readonly signal: AbortSignal;
  end(): void;
  /** Gives the place back. Idempotent. */
  leave(): void;
}

export interface StreamSlots {
  /** @throws HttpProblem `too_many_streams` */
  take(res: Response): StreamSlot;
  /** Undefined where all are taken. */
  takeIfFree(res: Response): StreamSlot | undefined;
  stop(): void;
}

const HEARTBEAT_MS = 15_000;
const RETRY_SECS = 5;

/** At most `limit` open streams. A comment every 15 s keeps the intermediaries of quiet ones from closing them. */
export function createStreamSlots(limit: number, draining: AbortSignal): StreamSlots {
  const open = new Map<Response, AbortController>();

  const heartbeat = setInterval(() => {
    for (const res of open.keys()) {
      // Who is behind gets no more to read.
      if (res.headersSent && !res.writableNeedDrain && !res.writableEnded) {
        res.write(":\n\n");
      }
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();

  draining.addEventListener("abort", () => {
    for (const controller of open.values()) {
      controller.abort();
    }
  });

  function takeIfFree(res: Response): StreamSlot | undefined {
    if (open.size >= limit) {
      return undefined;
    }
    const controller = new AbortController();
    open.set(res, controller);
    const leave = () => {
      open.delete(res);
    };
    const end = () => controller.abort();
    res.once("close", () => {
      leave();
      end();
    });
    if (draining.aborted) {
      end();
    }
    return { signal: controller.signal, end, leave };
  }

  return {
    takeIfFree,
    take(res) {
      const slot = takeIfFree(res);
      if (slot === undefined) {
        throw new HttpProblem("too_many_streams", `${limit} event streams are open already.`, {
          limit,
          retryAfter: RETRY_SECS,
        });
      }
      return slot;
    },
    stop() {
      clearInterval(heartbeat);
    },
  };
}
