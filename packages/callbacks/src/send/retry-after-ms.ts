const MOST_MS = 86_400_000;

/** `Retry-After`, seconds or a date, as milliseconds from now: at most a day. Undefined where it says nothing of use. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return ms > 0 ? Math.min(ms, MOST_MS) : undefined;
}
