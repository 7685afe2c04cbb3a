import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import type { RedisOptions } from "ioredis";
import type { NodeAddress } from "../parse-node-list.ts";
import { findServingNode } from "./find-serving-node.ts";

type ConnectorConstructor = NonNullable<RedisOptions["Connector"]>;

/** Between two rounds of asking all nodes. */
const ROUND_DELAY_MS = 180;

/**
 * Makes an ordinary client of one node of a cluster: all our keys are in one slot, so there is nothing to route. At every
 * (re)connect it asks the known nodes, one after the other, who serves the slot now. Whatever shows that it is another
 * one (MOVED, READONLY, a lost connection) is answered by connecting again.
 */
export function clusterConnector(listed: readonly NodeAddress[]): ConnectorConstructor {
  let known = [...listed];
  let turn = -1;

  function Connector(options: RedisOptions) {
    let stream: Socket | undefined;
    let connecting = false;
    const connector = {
      firstError: undefined as Error | undefined,

      /** The client's own check of a server that it reached, on its INFO. */
      check: (info: { role?: string }) => info.role === "master",

      async connect(emit: (type: string, error: Error) => void): Promise<Socket> {
        connecting = true;
        const primary = await findPrimary(options, emit, () => connecting);
        const opened =
          options.tls === undefined
            ? connectTcp(primary)
            : connectTls({ ...primary, ...(options.tls as object) });
        stream = opened;
        opened.once("error", (error) => {
          connector.firstError = error;
        });
        return opened;
      },

      disconnect() {
        connecting = false;
        const closing = stream;
        if (closing !== undefined) {
          const timer = setTimeout(() => closing.destroy(), options.disconnectTimeout);
          closing.once("close", () => clearTimeout(timer));
          closing.end();
        }
      },
    };
    return connector;
  }

  /** Goes on until somebody knows: a client whose connector gives up never connects again. */
  async function findPrimary(
    options: RedisOptions,
    emit: (type: string, error: Error) => void,
    isWanted: () => boolean,
  ): Promise<NodeAddress> {
    for (let asked = 0; isWanted(); asked += 1) {
      // Another one is asked first each time: this one may be cut off from the rest, and know what was.
      turn = (turn + 1) % known.length;
      try {
        const { primary, nodes } = await findServingNode(known[turn] as NodeAddress, options);
        known = union(listed, nodes);
        if (isWanted()) {
          return primary;
        }
      } catch (error) {
        emit("error", error as Error);
        if (asked % known.length === known.length - 1) {
          await sleep(ROUND_DELAY_MS);
        }
      }
    }
    throw new Error("Connection is closed.");
  }

  return Connector as unknown as ConnectorConstructor;
}

function union(a: readonly NodeAddress[], b: readonly NodeAddress[]): NodeAddress[] {
  const byName = new Map([...a, ...b].map((node) => [`${node.host}:${node.port}`, node]));
  return [...byName.values()];
}
