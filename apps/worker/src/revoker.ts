import { setTimeout as sleep } from "node:timers/promises";
import type { WorkerRegistry } from "@pilotlight/channels";
import type { Logger } from "@pilotlight/lifecycle";

/** Takes dead incarnations out of Redis in the background: Redis being away holds nobody up. */
export interface Revoker {
  revoke(worker: string): void;
  /** Resolves when all are revoked, or after `mostMs`. */
  finish(mostMs: number): Promise<void>;
}

const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 1000;
/** By then the leases have ended by themselves, and any worker prunes what is left of them. */
const MOST_MS = 300_000;

export function createRevoker(registry: WorkerRegistry, log: Logger): Revoker {
  const running = new Set<Promise<void>>();

  async function untilDone(worker: string): Promise<void> {
    const endsAtMs = performance.now() + MOST_MS;
    for (let pauseMs = FIRST_PAUSE_MS; performance.now() < endsAtMs; pauseMs *= 2) {
      try {
        await registry.revoke(worker);
        return;
      } catch (error) {
        log.debug({ err: error, worker }, "could not revoke its leases yet");
        await sleep(Math.min(pauseMs, LAST_PAUSE_MS), undefined, { ref: false });
      }
    }
  }

  return {
    revoke(worker) {
      const one = untilDone(worker).finally(() => running.delete(one));
      running.add(one);
    },
    async finish(mostMs) {
      await Promise.race([Promise.all(running), sleep(mostMs, undefined, { ref: false })]);
    },
  };
}
