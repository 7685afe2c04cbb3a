import { connectRedis, whenReady } from "@pilotlight/redis";

const CONNECT_MS = 10_000;

/** The ids in each channel's event log, as Redis itself has them: what every reader should have been told. */
export async function readLogs(
  url: string,
  channels: readonly string[],
): Promise<Record<string, string[]>> {
  const redis = connectRedis({ url, name: "chaos" });
  try {
    await whenReady(redis, CONNECT_MS);
    const logs: Record<string, string[]> = {};
    for (const channel of channels) {
      const entries = await redis.xrange(`{pl}:ev:${channel}`, "-", "+");
      logs[channel] = entries.map(([id]) => id);
    }
    return logs;
  } finally {
    redis.disconnect();
  }
}
