import { RateLimiterMemory } from "rate-limiter-flexible";

type KeyAnswer =
  | { readonly at: "right" | "wrong" }
  | { readonly at: "limited"; readonly retryAfterSecs: number };

/** Failed tries of one address within the window; after that even the right key has to wait. */
const MOST_FAILURES = 20;
const WINDOW_SECS = 300;

/** Checks keys and counts what fails, so that guessing is slow. */
export interface KeyCheck {
  check(key: string, address: string): Promise<KeyAnswer>;
}

export function createKeyCheck(isRightKey: (key: string) => boolean): KeyCheck {
  const failures = new RateLimiterMemory({ points: MOST_FAILURES, duration: WINDOW_SECS });

  return {
    async check(key, address) {
      const known = await failures.get(address);
      if (known !== null && known.consumedPoints >= MOST_FAILURES) {
        return { at: "limited", retryAfterSecs: Math.ceil(known.msBeforeNext / 1000) };
      }
      if (isRightKey(key)) {
        return { at: "right" };
      }
      await failures.penalty(address, 1);
      return { at: "wrong" };
    },
  };
}
