import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "@pilotlight/testkit";

const LOOK_EVERY_MS = 2;
const MOST_MS = 60_000;

/** From the signal to the end of the process, in ms. */
export async function timeToExit(pid: number, signal: () => void): Promise<number> {
  const startedMs = performance.now();
  signal();
  while (isAlive(pid)) {
    if (performance.now() - startedMs > MOST_MS) {
      throw new Error(`process ${pid} did not end in ${MOST_MS} ms`);
    }
    await sleep(LOOK_EVERY_MS);
  }
  return performance.now() - startedMs;
}
