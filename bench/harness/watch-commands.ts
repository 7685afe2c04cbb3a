import type { Redis } from "ioredis";

/** What clients asked of Redis in a while, by connection name. What scripts call inside is counted apart. */
export interface WatchedCommands {
  readonly seconds: number;
  /** Commands that clients sent, by the name of their connection. */
  readonly sent: ReadonlyMap<string, number>;
  /** Calls made by scripts. */
  readonly inScripts: number;
  /** Socket reads of the server: how many packets of commands came in, whatever they held. */
  readonly reads: number;
}

/** Watches (`MONITOR`) while `during` runs. Not for a run that is timed: watching has its price. */
export async function watchCommands(
  redis: Redis,
  during: () => Promise<unknown>,
): Promise<WatchedCommands> {
  const names = new Map<string, string>();
  for (const line of String(await redis.client("LIST")).split("\n")) {
    const [, addr, name] = / addr=(\S+) .*?name=(\S*)/.exec(line) ?? [];
    if (addr !== undefined) {
      names.set(addr, name ?? "");
    }
  }
  const monitor = await redis.monitor();
  const sent = new Map<string, number>();
  let inScripts = 0;
  monitor.on("monitor", (_time: string, _args: string[], source: string) => {
    if (source === "lua") {
      inScripts += 1;
      return;
    }
    const name = names.get(source) ?? "";
    sent.set(name, (sent.get(name) ?? 0) + 1);
  });
  const readsBefore = await readsProcessed(redis);
  const startedMs = performance.now();
  await during();
  const seconds = (performance.now() - startedMs) / 1000;
  const reads = (await readsProcessed(redis)) - readsBefore - 1;
  monitor.disconnect();
  sent.delete("observer");
  return { seconds, sent, inScripts, reads };
}

/** All of them, or those of connections whose name begins so. */
export function sentBy(watched: WatchedCommands, prefix = ""): number {
  let count = 0;
  for (const [name, commands] of watched.sent) {
    count += name.startsWith(prefix) ? commands : 0;
  }
  return count;
}

async function readsProcessed(redis: Redis): Promise<number> {
  const info = await redis.info("stats");
  return Number(/total_reads_processed:(\d+)/.exec(info)?.[1] ?? 0);
}
