import type { Readable, Writable } from "node:stream";
import type { ProcessTree } from "./tree/process-tree.ts";
import type { StopTimings } from "./tree/stop-tree.ts";

/** How the root process ended. */
export interface AgentExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A running agent process and everything it starts. */
export interface AgentProcess {
  readonly pid: number;
  readonly tree: ProcessTree;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves, never rejects, when the root process is gone and its stderr was read. The rest of its tree may live on. */
  readonly exited: Promise<AgentExit>;
  /** The last of its stderr, secrets removed; at most `maxBytes` (default 2 KiB, at most the 64 KiB that are kept). */
  stderrTail(maxBytes?: number): string;
  /** Resident bytes of the whole tree. */
  rssBytes(): Promise<number>;
  /**
   * The stop ladder: end of stdin, SIGTERM, SIGKILL of every descendant. Resolves when the tree is empty; idempotent.
   *
   * @throws AgentTreeAliveError
   */
  stop(timings?: StopTimings): Promise<void>;
}
