import { createHash, randomBytes } from "node:crypto";

/**
 * Who is signed in: random tokens that end after 12 hours and with the process. At most 100; the oldest makes room.
 * What is kept of a token is its hash. Times are milliseconds of a monotonic clock.
 */
export interface Visits {
  /** A new visit's token. */
  begin(nowMs: number): string;
  isOpen(token: string, nowMs: number): boolean;
  end(token: string): void;
}

export const VISIT_MS = 12 * 3_600_000;
const MOST_VISITS = 100;

export function createVisits(): Visits {
  /** Hash to end, oldest first. */
  const openUntilMs = new Map<string, number>();

  return {
    begin(nowMs) {
      const token = randomBytes(32).toString("base64url");
      const oldest = openUntilMs.keys().next();
      if (openUntilMs.size >= MOST_VISITS && !oldest.done) {
        openUntilMs.delete(oldest.value);
      }
      openUntilMs.set(hash(token), nowMs + VISIT_MS);
      return token;
    },

    isOpen(token, nowMs) {
      const untilMs = openUntilMs.get(hash(token));
      if (untilMs !== undefined && nowMs >= untilMs) {
        openUntilMs.delete(hash(token));
        return false;
      }
      return untilMs !== undefined;
    },

    end(token) {
      openUntilMs.delete(hash(token));
    },
  };
}

function hash(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
