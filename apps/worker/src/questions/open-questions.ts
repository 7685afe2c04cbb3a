import { setTimeout as setTimer } from "node:timers";
import type { OwnedQuestions, TakenQuestion } from "@pilotlight/channels";
import type { GivenAnswer } from "@pilotlight/contracts";

/** What became of a question: somebody's answer, or none. */
export type QuestionEnd =
  | { readonly at: "answered"; readonly given: GivenAnswer }
  | { readonly at: "over" };

export interface AskedQuestion {
  readonly id: string;
  readonly expiresInMs: number;
  /** `looks` from before it was asked: it may be answered before we know that it is asked. */
  readonly looksBefore: number;
}

/** The questions of one turn that people can answer now. */
export interface OpenQuestions {
  readonly size: number;
  /** How often somebody may have answered. */
  readonly looks: number;
  /** Resolves with what becomes of it; where the signal aborts, with `over`. Never rejects. */
  wait(question: AskedQuestion, signal: AbortSignal): Promise<QuestionEnd>;
  /** Somebody may have answered. */
  look(): void;
}

export interface OpenQuestionsOptions {
  /** What became of these; each answered one counts as told. */
  take(ids: readonly string[]): ReturnType<OwnedQuestions["take"]>;
  /** Its answers cannot be read any more: they are all over. */
  onFailed(error: unknown): void;
}

interface Waiting {
  end(how: QuestionEnd): void;
  timer: NodeJS.Timeout;
}

/** By the time of Redis a question may expire a little later than by ours. */
const LOOK_LATER_MS = 5;
/** What a timer of Node's can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createOpenQuestions(options: OpenQuestionsOptions): OpenQuestions {
  const waiting = new Map<string, Waiting>();
  let looks = 0;
  let looking = false;
  let lookAgain = false;

  function lookAfter(ms: number): NodeJS.Timeout {
    return setTimer(look, Math.min(ms + LOOK_LATER_MS, LONGEST_TIMER_MS));
  }

  function end(id: string, how: QuestionEnd): void {
    const one = waiting.get(id);
    if (one !== undefined) {
      waiting.delete(id);
      clearTimeout(one.timer);
      one.end(how);
    }
  }

  function follow(id: string, taken: TakenQuestion | undefined): void {
    const one = waiting.get(id);
    if (taken?.at === "pending") {
      if (one !== undefined) {
        clearTimeout(one.timer);
        one.timer = lookAfter(taken.expiresInMs);
      }
    } else {
      end(id, taken?.at === "answered" ? taken : { at: "over" });
    }
  }

  async function lookOnce(): Promise<void> {
    const ids = [...waiting.keys()];
    if (ids.length === 0) {
      return;
    }
    try {
      const taken = await options.take(ids);
      for (const id of ids) {
        follow(id, taken.get(id));
      }
    } catch (error) {
      options.onFailed(error);
      for (const id of ids) {
        end(id, { at: "over" });
      }
    }
  }

  function look(): void {
    looks += 1;
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    void (async () => {
      do {
        lookAgain = false;
        await lookOnce();
      } while (lookAgain);
      looking = false;
    })();
  }

  return {
    get size() {
      return waiting.size;
    },

    get looks() {
      return looks;
    },

    wait({ id, expiresInMs, looksBefore }, signal) {
      return new Promise((resolve) => {
        const over = () => end(id, { at: "over" });
        const stop = (how: QuestionEnd) => {
          signal.removeEventListener("abort", over);
          resolve(how);
        };
        waiting.set(id, { end: stop, timer: lookAfter(expiresInMs) });
        signal.addEventListener("abort", over, { once: true });
        if (signal.aborted) {
          over();
        } else if (looks !== looksBefore) {
          look();
        }
      });
    },

    look,
  };
}
