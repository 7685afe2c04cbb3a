import type { AddressInfo } from "node:net";
import express from "express";
import { openBareSession } from "./acp-session.ts";

/**
 * The gateway that keeps everything in one process: HTTP in, ACP out, SSE back. No queue, nothing stored:
 * a crash loses what it was asked. The least that any gateway costs.
 */
const { channels, agent } = JSON.parse(process.argv[2] ?? "{}") as {
  channels: string[];
  agent: string[];
};
const sessions = new Map(
  await Promise.all(channels.map(async (name) => [name, await openBareSession(agent)] as const)),
);

const app = express();
app.use(express.json());
app.post("/channels/:channel/prompts", async (request, response) => {
  const session = sessions.get(request.params.channel);
  if (session === undefined) {
    response.sendStatus(404);
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  const result = await session.prompt(request.body.prompt, (update) =>
    response.write(`event: update\ndata: ${JSON.stringify({ update })}\n\n`),
  );
  response.end(`event: completed\ndata: ${JSON.stringify(result)}\n\n`);
});
const server = app.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
