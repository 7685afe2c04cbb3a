/** What scripts may rely on; numbers from sysexits.h where it has one. */
export const EXIT = {
  ok: 0,
  /** The turn failed, was cancelled or interrupted; or something else went wrong. */
  failed: 1,
  usage: 64,
  unavailable: 69,
  auth: 77,
  config: 78,
  /** Ctrl-C: the turn goes on without us. */
  detached: 130,
} as const;
