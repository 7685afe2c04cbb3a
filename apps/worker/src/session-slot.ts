import { performance } from "node:perf_hooks";
import type { AgentSession } from "@pilotlight/sessions";

/**
 * The place for a channel's one session.
 *
 *   empty ──open──▶ opening ──▶ open ──discard / ended by itself──▶ empty
 *                      └─ failed ─▶ empty
 */
export interface SessionSlot {
  /** The open session, where it can take a prompt. */
  current(): AgentSession | undefined;
  /** Opens one, or joins the opening that is under way: a pre-warm and a prompt never start two processes. */
  open(): Promise<{ readonly session: AgentSession; readonly openMs: number }>;
  /** Closes the session down to its last process; who asks while it is being closed waits for the same end. */
  discard(): Promise<void>;
  /** Ends the session and all its processes at once, also in the middle of a gentle close. */
  kill(): Promise<void>;
}

export interface SessionSlotOptions {
  openSession(): Promise<AgentSession>;
  /** A session is over, in order or not. */
  onEnded(session: AgentSession, how: "closed" | "lost"): void;
  /** The session ended although nobody asked for it. */
  onLost(): void;
}

export function createSessionSlot(options: SessionSlotOptions): SessionSlot {
  let session: AgentSession | undefined;
  let opening: Promise<AgentSession> | undefined;
  /** The closing under way, or the last one. */
  let closed: Promise<void> = Promise.resolve();
  /** The session that is being closed, or the last one that was. */
  let last: AgentSession | undefined;

  async function openOnce(): Promise<AgentSession> {
    try {
      const opened = await options.openSession();
      session = opened;
      void opened.ended.then(({ reason }) => {
        options.onEnded(opened, reason === "closed" ? "closed" : "lost");
        if (session === opened) {
          session = undefined;
          options.onLost();
        }
      });
      return opened;
    } finally {
      opening = undefined;
    }
  }

  return {
    current: () => (session?.usable ? session : undefined),

    async open() {
      const startedAtMs = performance.now();
      if (session !== undefined) {
        await session.close();
      }
      opening ??= openOnce();
      return { session: await opening, openMs: performance.now() - startedAtMs };
    },

    async discard() {
      const closing = opening === undefined ? session : await opening.catch(() => undefined);
      session = undefined;
      await endAfter(closed, closing, (one) => one.close());
    },

    async kill() {
      const killed =
        opening === undefined ? (session ?? last) : await opening.catch(() => undefined);
      session = undefined;
      await endAfter(Promise.resolve(), killed, (one) => one.kill());
    },
  };

  /** Remembers what is being ended: whoever comes next waits for it. */
  async function endAfter(
    before: Promise<void>,
    ended: AgentSession | undefined,
    end: (session: AgentSession) => Promise<void>,
  ): Promise<void> {
    last = ended ?? last;
    closed = (async () => {
      await Promise.allSettled([before]);
      if (ended !== undefined) {
        await end(ended);
      }
    })();
    await closed;
  }
}
