import type { EnqueueResponse } from "@pilotlight/contracts";

/** Where a prompt and its events are found. */
export function promptLinks(id: string): EnqueueResponse["links"] {
  return { self: `/v1/prompts/${id}`, events: `/v1/prompts/${id}/events` };
}
