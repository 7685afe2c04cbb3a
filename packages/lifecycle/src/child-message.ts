import { withDeadline } from "./with-deadline.ts";

const SENT_WITHIN_MS = 500;

/** What one of our processes tells its parent over the IPC pipe. */
export type ChildMessage =
  | { readonly type: "ready"; readonly url?: string }
  /** A worker's incarnation is known under this id from now on. */
  | { readonly type: "registered"; readonly worker: string }
  /** Until when a worker may believe in its leases, in milliseconds of `monotonicMs`. */
  | { readonly type: "trusted"; readonly untilMs: number }
  /** Everything is done and given back; what is left is the end of the process. */
  | { readonly type: "leaving" }
  /** A server process runs that this one is the parent of; said again when it was started again. */
  | { readonly type: "server-started"; readonly pid: number };

/** Silently nothing where the process has no parent that listens, or it goes at this very moment. */
export function tellParent(message: ChildMessage): void {
  if (process.connected) {
    process.send?.(message, undefined, undefined, () => undefined);
  }
}

/** Resolves when the message is on its way, or nobody listens. */
export async function tellParentLast(message: ChildMessage): Promise<void> {
  if (!process.connected) {
    return;
  }
  const sent = new Promise<void>((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });
  await withDeadline(sent, SENT_WITHIN_MS, () => new Error("not sent")).catch(() => undefined);
}

export function isChildMessage(message: unknown): message is ChildMessage {
  return typeof message === "object" && message !== null && "type" in message;
}
