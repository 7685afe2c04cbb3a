import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import express from "express";
import { openBareSession } from "../arms/acp-session.ts";

/**
 * The gateway that keeps everything in one process, with its one session: a permission that the agent asks for is an
 * event of the stream, and its answer another request. A crash loses both.
 */
const { agent } = JSON.parse(process.argv[2] ?? "{}") as { agent: string[] };
const open = new Map<string, (optionId: string) => void>();
let tell: (event: string, data: object) => void = () => undefined;

const session = await openBareSession(agent, {
  onPermission: ({ toolCall, options }) => {
    const id = randomUUID();
    const answered = new Promise<string>((resolve) => open.set(id, resolve));
    tell("permission", { question: { id, state: "pending", toolCall, options } });
    return answered;
  },
});

const app = express();
app.use(express.json());
app.post("/prompts", async (request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  tell = (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const result = await session.prompt(request.body.prompt, (update) => tell("update", { update }));
  response.end(`event: completed\ndata: ${JSON.stringify(result)}\n\n`);
});
app.post("/permissions/:id/answer", (request, response) => {
  const answer = open.get(request.params.id);
  open.delete(request.params.id);
  answer?.(request.body.optionId);
  response.sendStatus(answer === undefined ? 404 : 200);
});
const server = app.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
