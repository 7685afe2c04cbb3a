import { setTimeout as sleep } from "node:timers/promises";
import type { Product } from "../arms/product.ts";

/** When the sessions of channels were seen first (Unix ms), and when they were seen open. */
export interface Opening {
  readonly seenAtMs: number;
  readonly openAtMs?: number;
}

export interface WatchedOpenings {
  readonly openings: ReadonlyMap<string, Opening>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 25;

/** Asks for the sessions again and again. */
export function watchOpenings({ system }: Product): WatchedOpenings {
  const openings = new Map<string, Opening>();
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const response = await system.fetch("/v1/sessions");
      const { items } = (await response.json()) as { items: { channel: string; state: string }[] };
      for (const { channel, state } of items) {
        const known = openings.get(channel) ?? { seenAtMs: Date.now() };
        const isOpen = known.openAtMs === undefined && state !== "warming";
        openings.set(channel, isOpen ? { ...known, openAtMs: Date.now() } : known);
      }
      await sleep(LOOK_EVERY_MS);
    }
  })();
  return {
    openings,
    async stop() {
      stopped = true;
      await watching;
    },
  };
}
