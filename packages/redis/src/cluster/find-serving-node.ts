import { Redis, type RedisOptions } from "ioredis";
import { HASH_TAG } from "../hash-tag.ts";
import type { NodeAddress } from "../parse-node-list.ts";

export interface ServingNode {
  /** The primary that serves the slot of our keys, as the asked node sees it. */
  readonly primary: NodeAddress;
  /** All nodes that it named: whom to ask when the listed ones are gone. */
  readonly nodes: readonly NodeAddress[];
}

const ANSWER_WITHIN_MS = 1000;

/** An entry of CLUSTER SLOTS: first slot, last slot, then [host, port, ...] of the primary and its replicas. */
type SlotRange = [number, number, ...[string | null, number][]];

/** @throws Error where the node does not answer in time, or knows of nobody who serves the slot. */
export async function findServingNode(
  node: NodeAddress,
  credentials: Pick<RedisOptions, "username" | "password" | "tls">,
): Promise<ServingNode> {
  const { username, password, tls } = credentials;
  const redis = new Redis({
    ...node,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    connectTimeout: ANSWER_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    enableReadyCheck: false,
    retryStrategy: () => null,
  } as RedisOptions & { replyMapping?: never });
  let failure: Error | undefined;
  redis.on("error", (error) => {
    failure ??= error;
  });
  try {
    const [slot, ranges] = (await Promise.all([
      redis.cluster("KEYSLOT", HASH_TAG),
      redis.cluster("SLOTS"),
    ])) as unknown as [number, SlotRange[]];
    const addressOf = ([host, port]: [string | null, number]): NodeAddress => ({
      // A node that does not know its own name means the one it was asked under.
      host: host === null || host === "" || host === "?" ? node.host : host,
      port,
    });
    const range = ranges.find(([first, last]) => first <= slot && slot <= last);
    if (range?.[2] === undefined) {
      throw new Error(`CLUSTERDOWN nobody serves slot ${slot}, says ${node.host}:${node.port}`);
    }
    return {
      primary: addressOf(range[2]),
      nodes: ranges.flatMap(([, , ...members]) => members.map(addressOf)),
    };
  } catch (error) {
    // What happened to the connection says more than what that did to the command.
    throw failure ?? error;
  } finally {
    redis.disconnect();
  }
}
