import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type BoardStore, openBoardStore } from "@pilotlight/channels";
import {
  apiKeyMatches,
  ConfigError,
  digestApiKey,
  type PilotlightConfig,
  readApiKey,
} from "@pilotlight/contracts";
import type { Logger, Service } from "@pilotlight/lifecycle";
import { createBoardApp } from "./board-app.ts";

export interface BoardOptions {
  readonly config: PilotlightConfig;
  /** May hold the key as `PILOTLIGHT_API_KEY`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

const LOCAL_REDIS = "redis://127.0.0.1:6379";

/** The board as a process runs it. `url()` names its start page. */
export function createBoard(options: BoardOptions): Service {
  const { config, env, log } = options;
  let store: BoardStore | undefined;
  let server: Server | undefined;

  return {
    async start() {
      const keyDigest = digestApiKey(readApiKey(env, config.dataDir));
      const { hostname, port } = listenAddress(config);
      const url = config.redis.url ?? LOCAL_REDIS;
      store = await openBoardStore({ url, name: "pilotlight:board", log });
      const app = createBoardApp({
        store,
        isRightKey: (key) => apiKeyMatches(key, keyDigest),
        log,
      });
      server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 30_000 }, app);
      server.listen(Number(port || 80), hostname);
      await once(server, "listening");
    },

    async drain() {
      const closing = server;
      if (closing?.listening) {
        const closed = once(closing, "close");
        closing.close();
        closing.closeIdleConnections();
        await closed;
      }
    },

    async stop() {
      server?.close();
      server?.closeAllConnections();
      store?.close();
    },

    url() {
      const address = server?.address();
      if (typeof address !== "object" || address === null) {
        throw new Error("the board does not listen");
      }
      return `http://${address.address}:${address.port}/board`;
    },
  };
}

function listenAddress({ board }: PilotlightConfig): URL {
  if (board.listen === undefined) {
    throw new ConfigError(["board.listen: is missing: where should the board listen?"]);
  }
  return new URL(`http://${board.listen}`);
}
