/**
 * Names one agent's process tree so that any process of this machine can find and end it later,
 * also when the one that started it is gone.
 */
export interface ProcessTree {
  /** The root: the process that was spawned. */
  readonly pid: number;
  /** The root's start in clock ticks since boot: tells it from a later process with the same pid. 0 where unknown. */
  readonly startTicks: number;
  /** Value of the environment variable that every descendant inherits. */
  readonly marker: string;
}

/** The variable that carries a tree's marker. Its value is `<owner>/<unique>`. */
export const TREE_VARIABLE = "PILOTLIGHT_TREE";
