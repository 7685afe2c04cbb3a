const SECOND_MS = 1000;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3_600 * SECOND_MS,
  d: 86_400 * SECOND_MS,
};
/** What is said to be further away is a mistake of ours, or not worth waiting for in one piece. */
const FURTHEST_MS = 8 * 86_400 * SECOND_MS;

/**
 * When an agent's words say that its usage limit is reset (Unix ms). Understood are a Unix time (`...|1763740800`, as
 * Claude Code writes it), an ISO date, a waiting time (`try again in 2 hours 5 minutes`, `retry after 30s`), and a time
 * of day (`resets 3pm`, `resets at 15:00 (UTC)`), which is the next one of that name in UTC or in this machine's zone.
 */
export function parseResetTime(text: string, nowMs: number): number | undefined {
  const found =
    unixTime(text) ?? isoTime(text) ?? waitingTime(text, nowMs) ?? timeOfDay(text, nowMs);
  return found !== undefined && found > nowMs && found <= nowMs + FURTHEST_MS ? found : undefined;
}

function unixTime(text: string): number | undefined {
  const match = /(?:\||resets?(?:_at| at)?\D{1,4})(1[6-9]\d{8}|2\d{9})(\d{3})?\b/i.exec(text);
  return match === null ? undefined : Number(match[1]) * SECOND_MS;
}

function isoTime(text: string): number | undefined {
  const match = /\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/.exec(
    text,
  );
  const ms = match === null ? Number.NaN : Date.parse(match[0]);
  return Number.isNaN(ms) ? undefined : ms;
}

function waitingTime(text: string, nowMs: number): number | undefined {
  const match =
    /\b(?:in|after|wait)[ :]+((?:\d+(?:\.\d+)?\s*(?:days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[dhms])\b[,\s]*(?:and\s+)?)+)/i.exec(
      text,
    );
  if (match === null) {
    return undefined;
  }
  let ms = 0;
  for (const [, number, unit] of (match[1] ?? "").matchAll(/(\d+(?:\.\d+)?)\s*([dhms])/gi)) {
    ms += Number(number) * (UNIT_MS[unit?.toLowerCase() ?? ""] ?? 0);
  }
  return ms === 0 ? undefined : nowMs + ms;
}

function timeOfDay(text: string, nowMs: number): number | undefined {
  const match = /resets?(?:\s+at)?\s+(\d{1,2})(?::(\d\d))?\s*(am|pm)?\s*(\(?UTC\)?)?/i.exec(text);
  if (match === null || (match[2] === undefined && match[3] === undefined)) {
    return undefined;
  }
  const [, hour = "", minute = "0", half, utc] = match;
  const hours =
    half === undefined ? Number(hour) : (Number(hour) % 12) + (/pm/i.test(half) ? 12 : 0);
  if (hours > 23 || Number(minute) > 59) {
    return undefined;
  }
  const at = new Date(nowMs);
  if (utc === undefined) {
    at.setHours(hours, Number(minute), 0, 0);
    if (at.getTime() <= nowMs) {
      at.setDate(at.getDate() + 1);
    }
  } else {
    at.setUTCHours(hours, Number(minute), 0, 0);
    if (at.getTime() <= nowMs) {
      at.setUTCDate(at.getUTCDate() + 1);
    }
  }
  return at.getTime();
}
