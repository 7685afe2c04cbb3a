import { setTimeout as sleep } from "node:timers/promises";

/**
 * Looks again and again until it holds, or there is something; what was found.
 *
 * @throws Error that says what did not come true in time.
 */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<T>,
  timeoutMs: number,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) {
      return found as NonNullable<T>;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not in ${timeoutMs} ms`);
    }
    await sleep(200);
  }
}
