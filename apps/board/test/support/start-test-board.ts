import { loadConfig, newApiKey } from "@pilotlight/contracts";
import { createLogger } from "@pilotlight/lifecycle";
import { createBoard } from "../../src/board-service.ts";

export interface TestBoard {
  /** Without the `/board` behind it. */
  readonly origin: string;
  readonly apiKey: string;
  /** A GET with the key; the body parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into Bull Board's answers freely
  api(path: string): Promise<any>;
  stop(): Promise<void>;
}

/** A board over a Redis, on a free port. */
export async function startTestBoard(redisUrl: string): Promise<TestBoard> {
  const apiKey = newApiKey();
  const env = {
    PILOTLIGHT_API_KEY: apiKey,
    PILOTLIGHT_BOARD_LISTEN: "127.0.0.1:0",
    REDIS_URL: redisUrl,
  };
  const log = createLogger("board", "silent");
  const board = createBoard({ config: loadConfig({ env }), env, log });
  await board.start();
  const { origin } = new URL(board.url?.() ?? "");
  return {
    origin,
    apiKey,
    async api(path) {
      const answer = await fetch(`${origin}/board/api${path}`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      return await answer.json();
    },
    stop: () => board.stop(),
  };
}
