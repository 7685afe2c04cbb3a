import type { QuietHours } from "@pilotlight/contracts";

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether the moment lies in the quiet hours, by their own clock. Their end does not belong to them. */
export function isQuiet({ from, to, tz }: QuietHours, ms: number): boolean {
  const time = clockOf(tz).format(ms);
  return from < to ? from <= time && time < to : from <= time || time < to;
}

/** One is slow to make, and there are few zones. */
function clockOf(tz: string): Intl.DateTimeFormat {
  let clock = clocks.get(tz);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: tz,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    clocks.set(tz, clock);
  }
  return clock;
}
