import { setTimeout as sleep } from "node:timers/promises";

/**
 * Looks again and again until it holds.
 *
 * @throws Error that says what did not come true in time.
 */
export async function waitUntil(
  what: string,
  holds: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(`${what}: not in ${timeoutMs} ms`);
    }
    await sleep(200);
  }
}
