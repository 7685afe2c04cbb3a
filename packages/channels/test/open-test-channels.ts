import { createLogger } from "@pilotlight/lifecycle";
import { connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import { startTestServer } from "@pilotlight/testkit";
import type { ChannelsClient, EnqueueOutcome } from "../src/channels-client.ts";
import { openChannelsClient } from "../src/open-channels-client.ts";
import type { OwnedChannel } from "../src/ownership/owned-channel.ts";
import {
  openWorkerStore,
  type WorkerStore,
  type WorkerStoreOptions,
} from "../src/ownership/worker-store.ts";

export interface TestChannels {
  readonly url: string;
  readonly redis: Redis;
  readonly client: ChannelsClient;
  enqueue(channel: string, id: string, prompt?: string): Promise<EnqueueOutcome>;
  worker(id: string, leaseTtlMs?: number, hooks?: WorkerHooks): Promise<WorkerStore>;
  /** Claims whatever waits. */
  claim(store: WorkerStore, free?: number): Promise<readonly OwnedChannel[]>;
  /** Claims what waits, and of that the first. */
  claimOne(store: WorkerStore): Promise<OwnedChannel>;
  keys(): Promise<string[]>;
  close(): Promise<void>;
}

type WorkerHooks = Partial<
  Pick<
    WorkerStoreOptions,
    | "url"
    | "held"
    | "minReplicas"
    | "onAnswerBell"
    | "onAssignBell"
    | "onBell"
    | "onDisowned"
    | "onLost"
    | "onTrusted"
  >
>;

const LIMITS = {
  queuePerChannel: 5,
  queueTotal: 1000,
  eventsPerChannel: 100,
  retentionMs: 60_000,
};

/** A client on the server, which stays the caller's; default: a Redis of its own. */
export async function openTestChannels(url?: string): Promise<TestChannels> {
  const server =
    url === undefined ? await startTestServer() : { url, stop: () => Promise.resolve() };
  const log = createLogger("test", "silent");
  const redis = connectRedis({ url: server.url, name: "test" });
  await whenReady(redis, 5000);
  const client = await openChannelsClient({ url: server.url, name: "client", limits: LIMITS, log });
  const stores: WorkerStore[] = [];
  async function claim(store: WorkerStore, free = 10): Promise<readonly OwnedChannel[]> {
    const outcome = await store.tick(free);
    return outcome.at === "ok" ? outcome.claimed : [];
  }

  return {
    url: server.url,
    redis,
    client,
    enqueue: (channel, id, prompt = "hello") =>
      client.enqueue({ id, channel, prompt, surface: "api", bodyHash: prompt }),
    async worker(id, leaseTtlMs = 15_000, hooks = {}) {
      const store = await openWorkerStore({
        url: server.url,
        worker: id,
        leaseTtlMs,
        description: { host: "test", pid: 1, maxSessions: 10, startedAt: 0 },
        eventsPerChannel: LIMITS.eventsPerChannel,
        retentionMs: LIMITS.retentionMs,
        log,
        onLost: () => undefined,
        onBell: () => undefined,
        onAssignBell: () => undefined,
        held: () => [],
        onDisowned: async () => undefined,
        ...hooks,
      });
      await store.start();
      stores.push(store);
      return store;
    },
    claim,
    async claimOne(store) {
      const [owned] = await claim(store);
      if (owned === undefined) {
        throw new Error("nothing was claimed");
      }
      return owned;
    },
    async keys() {
      return (await redis.keys("*")).sort();
    },
    async close() {
      await Promise.all(stores.map((store) => store.stop()));
      await client.close();
      redis.disconnect();
      await server.stop();
    },
  };
}
