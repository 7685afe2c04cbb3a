/** A wish that a session be opened ahead of a schedule's due time. */
export interface WarmWish {
  readonly schedule: string;
  readonly dueMs: number;
  /** `<due ms> <schedule>`: its name in Redis. */
  readonly due: string;
  /** Until when the session is not closed for being idle (Unix ms). */
  readonly keptUntilMs: number;
}

/** As the intent's value has it, `<kept until ms> <due ms> <schedule>`; undefined where a person wishes it. */
export function parseWarmWish(value: string): WarmWish | undefined {
  const [, keptUntil, due, dueMs, schedule] = /^(\d+) ((\d+) (\S+))$/.exec(value) ?? [];
  return due === undefined || schedule === undefined
    ? undefined
    : { schedule, due, dueMs: Number(dueMs), keptUntilMs: Number(keptUntil) };
}
