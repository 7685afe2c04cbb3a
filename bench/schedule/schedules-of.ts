import type { Occurrence, Prompt, ScheduleRequest, ScheduleView } from "@pilotlight/contracts";
import type { Product } from "../arms/product.ts";
import { waitUntil } from "../harness/wait-until.ts";

/** The few calls about schedules that the parts of this benchmark share. */
export interface Schedules {
  put(id: string, schedule: ScheduleRequest): Promise<void>;
  view(id: string): Promise<ScheduleView>;
  /** Oldest first; all of them. */
  rows(id: string): Promise<readonly Occurrence[]>;
  prompt(id: string): Promise<Prompt>;
  /** Runs a prompt on each channel, so that its session is open. */
  warm(channels: readonly string[]): Promise<void>;
}

const READY_MS = 120_000;

export function schedulesOf({ system }: Product): Schedules {
  async function get<T>(path: string): Promise<T> {
    const response = await system.fetch(path);
    if (!response.ok) {
      throw new Error(`${path}: ${response.status} ${await response.text()}`);
    }
    return (await response.json()) as T;
  }

  return {
    async put(id, schedule) {
      const response = await system.fetch(`/v1/schedules/${id}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(schedule),
      });
      if (!response.ok) {
        throw new Error(`${id}: ${response.status} ${await response.text()}`);
      }
    },
    view: (id) => get(`/v1/schedules/${id}`),
    async rows(id) {
      const all: Occurrence[] = [];
      let cursor = "";
      do {
        const page = await get<{ items: Occurrence[]; nextCursor?: string }>(
          `/v1/schedules/${id}/occurrences?limit=200${cursor}`,
        );
        all.push(...page.items);
        cursor = page.nextCursor === undefined ? "" : `&cursor=${page.nextCursor}`;
      } while (cursor !== "");
      return all.reverse();
    },
    prompt: (id) => get(`/v1/prompts/${id}`),
    async warm(channels) {
      for (const channel of channels) {
        await system.fetch(`/v1/channels/${channel}/warm`, { method: "POST" });
      }
      await waitUntil(
        "the sessions are open",
        async () => {
          const { items } = await get<{ items: { state: string }[] }>("/v1/sessions");
          return items.filter(({ state }) => state === "warm").length >= channels.length;
        },
        READY_MS,
      );
    },
  };
}
