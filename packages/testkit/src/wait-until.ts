import { setTimeout as sleep } from "node:timers/promises";

/** Waits for a condition, looking every few milliseconds; what it returns is the first truthy answer. */
export async function waitUntil<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 15_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer) {
      return answer as NonNullable<T>;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    }
    await sleep(10);
  }
}
