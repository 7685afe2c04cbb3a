import { setTimeout as sleep } from "node:timers/promises";
import { TINY_AGENT } from "../arms/bench-agents.ts";
import { startProduct } from "../arms/product.ts";
import type { FigureLine } from "../benchmark.ts";
import { startPrivateRedis } from "../harness/private-redis.ts";
import { sentBy, watchCommands } from "../harness/watch-commands.ts";
import { listOf, useOnce } from "./use-once.ts";

export interface MeasuredPart {
  readonly figures: readonly FigureLine[];
  readonly violations: readonly string[];
  /** The Redis that was measured. */
  readonly redis: string;
}

const MOST_CONNECTIONS = 4;
const MOST_IDLE_COMMANDS = 3;

/** Connections and idle commands of the product's worker with one warm channel, and with many. */
export async function warmChannels(many: number, idleMs: number): Promise<MeasuredPart> {
  const server = await startPrivateRedis();
  const product = await startProduct({
    redisUrl: server.url,
    agent: TINY_AGENT,
    maxSessions: many,
  });
  const figures: FigureLine[] = [];
  const violations: string[] = [];
  const measureWith = async (channels: number) => {
    const warm = (await listOf(product, "/v1/sessions")).length;
    if (warm !== channels) {
      violations.push(`${product.name}: ${warm} sessions are warm where ${channels} should be`);
    }
    const [worker] = await listOf(product, "/v1/workers");
    const clients = String(await server.observer.client("LIST")).split("\n");
    const own = clients.filter((line) => line.includes(` name=${worker?.id}`));
    const watched = await watchCommands(server.observer, () => sleep(idleMs));
    const line = (what: string, value: number, unit: string, atMost?: number): FigureLine => ({
      what: `${what} with ${channels} ${channels === 1 ? "channel" : "channels"}`,
      arm: product.name,
      value,
      unit,
      ...(atMost === undefined ? {} : { atMost }),
    });
    const perSecond = (count: number) => count / watched.seconds;
    figures.push(
      line("connections of a worker", own.length, "", MOST_CONNECTIONS),
      line(
        "commands when idle",
        perSecond(sentBy(watched, worker?.id)),
        "per s",
        MOST_IDLE_COMMANDS,
      ),
      line("commands of the whole system when idle", perSecond(sentBy(watched)), "per s"),
    );
  };
  try {
    const channels = Array.from({ length: many }, (_, i) => `channel-${i}`);
    violations.push(...(await useOnce(product, channels.slice(0, 1))));
    await measureWith(1);
    violations.push(...(await useOnce(product, channels.slice(1))));
    await measureWith(many);
    return { figures, violations, redis: server.engine };
  } finally {
    await product.stop();
    await server.stop();
  }
}
