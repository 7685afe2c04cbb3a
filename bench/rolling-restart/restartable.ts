import type { Gateway } from "../arms/gateway.ts";

/** A gateway whose two worker processes can be restarted one after the other. */
export interface Restartable extends Gateway {
  /**
   * SIGTERM to one worker, and on when another is ready in its place; then the other one. Gives for each how long it took
   * from the signal to the end of the process (ms).
   */
  restartAll(): Promise<readonly number[]>;
}
