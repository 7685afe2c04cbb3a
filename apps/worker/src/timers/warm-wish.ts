/** A wish that a session be opened ahead of a due time. */
export interface WarmWish {
  /** Of the schedule, or of the prompt that waits for its time. */
  readonly name: string;
  readonly dueMs: number;
  /** `<due ms> <name>`: its name in Redis. */
  readonly due: string;
  /** Until when the session is not closed for being idle (Unix ms). */
  readonly keptUntilMs: number;
}

/** As the intent's value has it, `<kept until ms> <due ms> <name>`; undefined where a person wishes it. */
export function parseWarmWish(value: string): WarmWish | undefined {
  const [, keptUntil, due, dueMs, name] = /^(\d+) ((\d+) (\S+))$/.exec(value) ?? [];
  return due === undefined || name === undefined
    ? undefined
    : { name, due, dueMs: Number(dueMs), keptUntilMs: Number(keptUntil) };
}
