import type { QueueBackend } from "./queue-backend.ts";

/** The job of a prompt. The journal holds the prompt; the job is only its place in the queue. */
export function jobOf(
  promptId: string,
  options: { readonly lifo?: boolean } = {},
): Parameters<QueueBackend["addJobToTransaction"]>[1] {
  const job = {
    id: promptId,
    name: "prompt",
    data: JSON.stringify({ promptId }),
    opts: { attempts: 1, ...options },
    timestamp: Date.now(),
  };
  return job as Parameters<QueueBackend["addJobToTransaction"]>[1];
}
