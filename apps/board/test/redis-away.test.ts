import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { expect, test } from "vitest";
import { startTestBoard } from "./support/start-test-board.ts";

test("with Redis away a poll is answered within 5 s with a problem that says so", async () => {
  const server = await startTestServer();
  const board = await startTestBoard(server.url);
  try {
    expect((await board.api("/queues")).queues).toHaveLength(6);
    await server.stop();
    // The last picture may be shown for half a second more.
    const answer = await waitUntil("a poll fails", async () => {
      const poll = await fetch(`${board.origin}/board/api/queues`, {
        headers: { authorization: `Bearer ${board.apiKey}` },
        signal: AbortSignal.timeout(5000),
      });
      return poll.ok ? undefined : poll;
    });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      code: "store_unavailable",
      detail: "Redis cannot be reached at the moment",
    });
  } finally {
    await board.stop();
    await server.stop();
  }
});
