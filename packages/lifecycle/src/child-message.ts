/** What one of our processes tells its parent over the IPC pipe. */
export type ChildMessage =
  | { readonly type: "ready"; readonly url?: string }
  /** A worker's incarnation is known under this id from now on. */
  | { readonly type: "registered"; readonly worker: string }
  /** Until when a worker may believe in its leases, in milliseconds of `monotonicMs`. */
  | { readonly type: "trusted"; readonly untilMs: number }
  /** A server process runs that this one is the parent of; said again when it was started again. */
  | { readonly type: "server-started"; readonly pid: number };

/** Silently nothing where the process has no parent that listens, or it goes at this very moment. */
export function tellParent(message: ChildMessage): void {
  if (process.connected) {
    process.send?.(message, undefined, undefined, () => undefined);
  }
}

export function isChildMessage(message: unknown): message is ChildMessage {
  return typeof message === "object" && message !== null && "type" in message;
}
