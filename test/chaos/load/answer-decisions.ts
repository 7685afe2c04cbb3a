import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosApi } from "./api.ts";

const LOOK_EVERY_MS = 500;

/** The person who is asked whenever a turn was interrupted too often: says that it shall go on. Resolves when stopped. */
export async function answerDecisions(api: ChaosApi, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    for (const { id } of await api.waiting()) {
      await api.decide(id);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: stopped }).catch(() => undefined);
  }
}
