import type { Turn } from "../turn.ts";

/** What one directive does. Says something by `turn.say`, or silently. */
export type Step = (turn: Turn, args: readonly string[]) => Promise<void>;
