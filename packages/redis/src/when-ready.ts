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
  const { path, host, port } = redis.options;
  return path ?? `${host}:${port}`;
}
