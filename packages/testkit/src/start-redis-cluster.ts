import { connectRedis, type Redis, whenReady } from "@pilotlight/redis";
import { type RedisServer, startRedisServer } from "./start-redis-server.ts";
import { waitUntil } from "./wait-until.ts";

export interface RedisCluster {
  /** `redis+cluster://` with all primaries. */
  readonly url: string;
  readonly primaries: readonly RedisServer[];
  /** Of the primary that serves the key. */
  readonly replica: RedisServer;
  /** The primary that serves a key. */
  servingNode(key: string): Promise<RedisServer>;
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const NODES = 3;
const NODE_TIMEOUT_MS = 1500;

/** Three primaries, and a replica of the one that serves `replicatedKey`. */
export async function startRedisCluster(replicatedKey: string): Promise<RedisCluster> {
  const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", String(NODE_TIMEOUT_MS)];
  const servers = await Promise.all(
    Array.from({ length: NODES + 1 }, () => startRedisServer({ args })),
  );
  const primaries = servers.slice(0, NODES);
  const replica = servers[NODES] as RedisServer;
  const clients = await Promise.all(servers.map(({ url }) => open(url)));
  const stop = async () => {
    for (const client of clients) {
      client.disconnect();
    }
    await Promise.all(servers.map((server) => server.stop()));
  };
  const first = clients[0] as Redis;

  async function servingNode(key: string): Promise<RedisServer> {
    const slot = Number(await first.cluster("KEYSLOT", key));
    return primaries[Math.floor((slot * NODES) / SLOTS)] as RedisServer;
  }

  try {
    for (const [i, client] of clients.entries()) {
      if (i < NODES) {
        const from = Math.ceil((i * SLOTS) / NODES);
        const to = Math.ceil(((i + 1) * SLOTS) / NODES) - 1;
        await client.call("CLUSTER", "ADDSLOTSRANGE", String(from), String(to));
      }
      for (const { port } of servers) {
        await client.call("CLUSTER", "MEET", "127.0.0.1", String(port));
      }
    }
    const isWhole = async (client: Redis) => {
      const info = String(await client.cluster("INFO"));
      return /cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${NODES + 1}`);
    };
    await waitUntil("the cluster is whole", async () =>
      (await Promise.all(clients.map(isWhole))).every(Boolean),
    );
    const primary = primaries.indexOf(await servingNode(replicatedKey));
    const id = String(await (clients[primary] as Redis).cluster("MYID"));
    const follower = clients[NODES] as Redis;
    await follower.call("CLUSTER", "REPLICATE", id);
    await waitUntil("the replica is in step", async () =>
      /master_link_status:up/.test(await follower.info("replication")),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const hosts = primaries.map(({ port }) => `127.0.0.1:${port}`);
  return { url: `redis+cluster://${hosts.join(",")}`, primaries, replica, servingNode, stop };
}

async function open(url: string): Promise<Redis> {
  const redis = connectRedis({ url, name: "cluster-setup" });
  await whenReady(redis, 5000);
  return redis;
}
