import { CronExpressionParser } from "cron-parser";

const NICKNAMES = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/** What is wrong with a cron expression; undefined where nothing is. */
export function cronFault(cron: string): string | undefined {
  const text = cron.trim();
  if (text.startsWith("@")) {
    return NICKNAMES.includes(text) ? undefined : `must be one of ${NICKNAMES.join(", ")}`;
  }
  const fields = text.split(/\s+/).length;
  if (fields !== 5 && fields !== 6) {
    return `has ${fields} fields; 5 are needed, or 6 with seconds in front`;
  }
  // Chosen at random by the library: another time at every look.
  if (/(^|[\s,])H/.test(text)) {
    return "must not leave a field to chance (H)";
  }
  try {
    CronExpressionParser.parse(normal(text), { tz: "UTC" });
    return undefined;
  } catch (error) {
    return error instanceof Error ? `is no cron expression: ${error.message}` : "is none";
  }
}

/** What is wrong with the name of a time zone; undefined where nothing is. */
export function zoneFault(tz: string): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone: tz });
    return undefined;
  } catch {
    return "must be an IANA time zone as Europe/Berlin";
  }
}

/**
 * The times of a cron expression by the clock of a zone. A time of day that the clocks jump over comes as much later as
 * they jump; one that they pass twice comes once, the first time; what comes every hour or oftener takes no notice.
 *
 * @throws Error where expression or zone is none
 */
export function cronTimes(cron: string, tz: string): (afterMs: number) => number | undefined {
  const expression = CronExpressionParser.parse(normal(cron.trim()), {
    tz,
    currentDate: new Date(0),
  });
  let fromMs = Number.NaN;
  let resultMs: number | undefined;
  return (afterMs) => {
    // Asked for one after another, as they mostly are, each is found from the one before.
    if (afterMs !== resultMs) {
      if (afterMs === fromMs) {
        return resultMs;
      }
      expression.reset(new Date(afterMs));
    }
    fromMs = afterMs;
    resultMs = nextOf(expression);
    return resultMs;
  };
}

/** The library gives up where nothing comes within its bound: there is no such date. */
function nextOf(expression: { next(): { getTime(): number } }): number | undefined {
  try {
    return expression.next().getTime();
  } catch {
    return undefined;
  }
}

/** The library has no name for it. */
function normal(text: string): string {
  return text === "@midnight" ? "@daily" : text;
}
