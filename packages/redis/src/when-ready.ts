import type { Redis } from "ioredis";
import { RedisUnreachableError } from "./redis-unreachable-error.ts";

/** Waits until commands can be sent. @throws RedisUnreachableError after `timeoutMs`, with the last cause. */
export async function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === "ready") {
    return;
  }
  let lastError: unknown;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: unknown) => {
    lastError = error;
  };
  const timer = setTimeout(
    () => reject(new RedisUnreachableError(addressOf(redis), timeoutMs, lastError)),
    timeoutMs,
  );
  redis.once("ready", resolve);
  redis.on("error", onError);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    redis.off("ready", resolve);
    redis.off("error", onError);
  }
}

/** Without user and password. */
function addressOf(redis: Redis): string {
  const { path, host, port, sentinels, name } = redis.options;
  if (sentinels) {
    const asked = sentinels.map((sentinel) => `${sentinel.host}:${sentinel.port}`);
    return `"${name}" (by the sentinels ${asked.join(", ")})`;
  }
  return path ?? `${host}:${port}`;
}
