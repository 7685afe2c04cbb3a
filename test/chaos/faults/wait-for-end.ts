import { setTimeout as sleep } from "node:timers/promises";
import type { Orphans } from "../check/history.ts";
import { agentProcesses } from "../system/processes.ts";

/** How long agents may outlive what they belong to. */
const MOST_MS = 2000;
const LOOK_EVERY_MS = 100;
/** Of a pause that was longer than this, the rest is the machine's: everybody else had to wait as well. */
const MOST_PAUSE_MS = 2 * LOOK_EVERY_MS;
const GIVE_UP_AFTER_MS = 30_000;

/** Waits until an owner's agents are gone, or have had two seconds of a machine that let processes run. */
export async function waitForEnd(dir: string, owner: string, after: string): Promise<Orphans> {
  const startedAtMs = performance.now();
  let lookedAtMs = startedAtMs;
  let hadMs = 0;
  for (;;) {
    const pids = agentProcesses(dir, owner);
    const nowMs = performance.now();
    const tookMs = nowMs - startedAtMs;
    hadMs += Math.min(nowMs - lookedAtMs, MOST_PAUSE_MS);
    lookedAtMs = nowMs;
    if (pids.length === 0 || hadMs >= MOST_MS || tookMs >= GIVE_UP_AFTER_MS) {
      return { after, pids, tookMs: Math.round(tookMs) };
    }
    await sleep(LOOK_EVERY_MS);
  }
}
